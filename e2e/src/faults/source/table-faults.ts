import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';
import { requireEvent } from './require-event.ts';

const CHANGED = { stops: 'table-changed', again: 'source-preflight' } as const;
/** Names no column that could be gone. */
const ROW = 'INSERT INTO log_scores (server_id, ts) VALUES (1, UTC_TIMESTAMP())';
const COLUMNS = 'id, monitor_id, server_id, ts, score, step, `offset`, rtt, attributes';

/** What happens to the captured table itself. */
export const TABLE_FAULTS: readonly Fault[] = [
  {
    name: 'the table gets an index',
    outcome: 'goes on',
    cause: (scene) => altered(scene, 'ADD INDEX score (score)'),
  },
  {
    name: 'the table gets a column',
    outcome: CHANGED,
    cause: (scene) => altered(scene, 'ADD COLUMN jitter double'),
  },
  {
    name: 'a column is dropped',
    outcome: CHANGED,
    cause: async (scene) => {
      await keep(scene, 'step', 'ADD COLUMN step double NOT NULL DEFAULT 0');
      return altered(scene, 'DROP COLUMN step');
    },
  },
  {
    name: 'a column gets another type',
    outcome: CHANGED,
    cause: async (scene) => {
      await keep(scene, 'score', 'MODIFY score double NOT NULL DEFAULT 0');
      return altered(scene, 'MODIFY score decimal(10,4) NOT NULL DEFAULT 0');
    },
  },
  {
    name: 'gh-ost puts another table in its place, with the same columns',
    outcome: 'goes on',
    cause: (scene) => swapped(scene, 'ENGINE = InnoDB'),
  },
  {
    name: 'gh-ost puts another table in its place, with one more column',
    outcome: CHANGED,
    cause: (scene) => swapped(scene, 'ADD COLUMN jitter double'),
  },
];

/** With rows behind it: the binlog tells the table's columns with them only. */
async function altered(scene: Scene, change: string): Promise<string> {
  const events = await scene.events(`ALTER TABLE log_scores ${change}`, ROW);
  return requireEvent(events, /ALTER TABLE/);
}

/** As gh-ost does, which needs a table that nothing refers to. */
async function swapped(scene: Scene, change: string): Promise<string> {
  const events = await scene.events(
    'ALTER TABLE scorer_status DROP FOREIGN KEY scorer_log_score_id',
    'ALTER TABLE log_scores_archive_status DROP FOREIGN KEY log_score_id',
    'CREATE TABLE _log_scores_gho LIKE log_scores',
    `ALTER TABLE _log_scores_gho ${change}`,
    `INSERT INTO _log_scores_gho (${COLUMNS}) SELECT ${COLUMNS} FROM log_scores`,
    'RENAME TABLE log_scores TO _log_scores_del, _log_scores_gho TO log_scores',
    ROW,
  );
  return requireEvent(events, /RENAME TABLE/);
}

/** Puts back, in the end, what a column held: the topic has it. */
async function keep(scene: Scene, column: string, definition: string): Promise<void> {
  await scene.load.end();
  await scene.sql(`CREATE TABLE kept AS SELECT id, ${column} AS held FROM log_scores`);
  scene.onEnd(() =>
    scene.sql(
      `ALTER TABLE log_scores ${definition}`,
      `UPDATE log_scores JOIN kept USING (id) SET log_scores.${column} = kept.held`,
    ),
  );
}
