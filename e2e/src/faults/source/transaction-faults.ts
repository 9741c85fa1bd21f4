import { openRows } from '../../harness/open-rows.ts';
import type { Fault } from '../fault.ts';
import { changedWhileRead } from './changed-while-read.ts';
import { requireEvent } from './require-event.ts';
import { insertOf } from './rows.ts';

/** Has the server write a transaction to the binlog that it rolls back: no rollback undoes this. */
const TEMPORARY = 'CREATE TEMPORARY TABLE scratch (a int) ENGINE=InnoDB';
const NOT_TEMPORARY = 'DROP TEMPORARY TABLE scratch';

/** What transactions do to the captured table. */
export const TRANSACTION_FAULTS: readonly Fault[] = [
  {
    name: 'a transaction commits late, with lower ids',
    outcome: 'goes on',
    cause: async (scene) => {
      const late = await openRows(scene.adminDsn, 50);
      scene.t.after(() => late.close());
      await scene.rowsCommitted(300);
      const [newest] = await scene.sql('SELECT MAX(id) AS id FROM log_scores');
      await scene.pipeline.caughtUp(scene.capture);
      await late.commit();
      return `ids from ${late.ids[0]} on committed when ${newest!['id']} was out`;
    },
  },
  {
    name: 'a transaction is rolled back: its ids are a hole',
    outcome: 'goes on',
    cause: async (scene) => {
      await scene.load.end();
      const [before] = await scene.sql('SELECT MAX(id) AS id FROM log_scores');
      const [after] = await scene.sql(
        'BEGIN',
        insertOf(20),
        'ROLLBACK',
        insertOf(1),
        'SELECT MAX(id) AS id FROM log_scores',
      );
      const hole = Number(after!['id']) - Number(before!['id']) - 1;
      if (hole < 20) throw new Error(`only ${hole} ids were left out`);
      return `${hole} ids belong to no row`;
    },
  },
  {
    name: 'a transaction is rolled back that is in the binlog',
    outcome: 'goes on',
    cause: async (scene) => {
      const events = await scene.events(
        'BEGIN',
        insertOf(20),
        TEMPORARY,
        'ROLLBACK',
        NOT_TEMPORARY,
      );
      requireEvent(events, /^Write_rows/);
      return requireEvent(events, /\bROLLBACK$/);
    },
  },
  {
    name: 'rows behind a savepoint are rolled back that are in the binlog',
    outcome: 'goes on',
    cause: async (scene) => {
      const events = await scene.events(
        'BEGIN',
        insertOf(5),
        'SAVEPOINT here',
        insertOf(20),
        TEMPORARY,
        'ROLLBACK TO SAVEPOINT here',
        insertOf(5),
        'COMMIT',
        NOT_TEMPORARY,
      );
      return requireEvent(events, /\bROLLBACK TO/);
    },
  },
  {
    name: 'rows come and go while the table is read',
    outcome: 'goes on',
    held: 70_000,
    settings: { reconcile_rate: '20000' },
    cause: changedWhileRead,
  },
  {
    name: 'a row is updated',
    outcome: { stops: 'row-updated' },
    cause: async (scene) => {
      await scene.sql('CREATE TABLE kept AS SELECT id, score FROM log_scores ORDER BY id LIMIT 1');
      scene.onEnd(() =>
        scene.sql('UPDATE log_scores JOIN kept USING (id) SET log_scores.score = kept.score'),
      );
      const events = await scene.events(
        'UPDATE log_scores JOIN kept USING (id) SET log_scores.score = kept.score + 1',
      );
      return requireEvent(events, /^Update_rows/);
    },
  },
  {
    name: 'an XA transaction writes the table',
    outcome: { stops: 'xa-group' },
    cause: async (scene) => {
      const events = await scene.events(
        "XA START 'one'",
        insertOf(3),
        "XA END 'one'",
        "XA PREPARE 'one'",
        "XA COMMIT 'one'",
      );
      return requireEvent(events, /^XA_prepare|^XA PREPARE/i);
    },
  },
];
