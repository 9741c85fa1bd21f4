import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import type { CaptureProcess } from './capture-process.ts';
import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

const OMIT = { unknown_columns: 'omit' };

/** What it has said of columns that it leaves in the table. */
function told({ lines }: CaptureProcess): string[] {
  return lines.flatMap(
    ({ msg }) => /^the record has no field for (.*): what the/.exec(msg)?.[1] ?? [],
  );
}

const CHANGES: readonly [change: string, says: RegExp][] = [
  ['CHANGE step pace double NOT NULL DEFAULT 0', /column step is missing/],
  ['CHANGE rtt delay mediumint', /column rtt is missing, and may be what is now delay/],
  ['MODIFY score decimal(10, 4) NOT NULL DEFAULT 0', /column score is decimal/],
];

/** What columns that the record has no field for do, on both servers. */
export function unknownColumnsCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(
    on('columns that are added in mid-stream, anywhere, are omitted when they may be'),
    async (t) => {
      const made = await setup(t, server, { initial: 'all', ...OMIT });
      if (made === null) return;
      const { source, topic, start, act } = made;
      const alter = (change: string): Promise<unknown> =>
        source.admin.query(`ALTER TABLE log_scores ${change}`);
      await source.createTable();
      await source.insert(10);
      const capture = await start().ready();
      await source.insert(10);
      await alter("ADD COLUMN mood varchar(300) DEFAULT 'good' FIRST");
      await source.insert(10);
      await alter('ADD COLUMN kind bigint DEFAULT 7 AFTER score');
      await source.insert(10);
      await alter('ADD COLUMN note text');
      await source.insert(10);
      await topic.assertHolds(await source.ids());
      assert.deepEqual(told(capture), ['mood', 'mood, kind', 'mood, kind, note']);
      assert.equal(await capture.metric('scoreline_capture_columns_omitted'), 3);
      // The rows that are read from the table now are those that came from the binlog, byte for byte.
      await capture.stop();
      const good = await topic.checkpoint();
      const file = good.position.file.replace(/\d+$/, '000000');
      await topic.plant({ ...good, position: { file, offset: 500 }, event: null, gtidSet: '' });
      await source.admin.query('SET SESSION sql_log_bin = 0');
      await source.insert(10);
      await source.admin.query('SET SESSION sql_log_bin = 1');
      const again = await start().ready();
      await until(() => again.said.includes('the same in the table'));
      await topic.assertHolds(await source.ids());
      assert.match(again.said, /the record has no field for mood, kind, note, what the table has/);
      await alter('DROP COLUMN mood, DROP COLUMN kind, DROP COLUMN note');
      await source.insert(10);
      await topic.assertHolds(await source.ids());
      await until(async () => (await again.metric('scoreline_capture_columns_omitted')) === 0);
      const { lines } = await act('verify-ledger');
      assert.equal(lines.at(-1), 'EQUAL', lines.join('\n'));
    },
  );

  for (const [change, says] of CHANGES) {
    test(on(`a known column that is another now stops it all the same: ${change}`), async (t) => {
      const made = await setup(t, server, OMIT);
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      const capture = await start().ready();
      await source.insert(3);
      await source.admin.query(`ALTER TABLE log_scores ${change}`);
      await source.admin.query(
        "INSERT INTO log_scores (server_id, ts) VALUES (1, '2025-11-21 12:00:00')",
      );
      assert.equal(await capture.exited(), 1, capture.said);
      assert.equal(capture.failure?.code, 'table-changed', capture.said);
      assert.match(capture.failure.message, says);
      await topic.assertHolds([1, 2, 3]);
      const again = start();
      assert.equal(await again.exited(), 2, again.said);
      assert.match(again.said, says);
    });
  }

  for (const isRunning of [true, false]) {
    const when = isRunning ? 'while capture runs' : 'while it does not';
    test(on(`a column that other tables lack stops it when it is dropped ${when}`), async (t) => {
      const made = await setup(t, server);
      if (made === null) return;
      const { source, topic, start } = made;
      const drop = (): Promise<unknown> =>
        source.admin.query('ALTER TABLE log_scores DROP COLUMN rtt');
      await source.createTable();
      await drop();
      const capture = await start().ready();
      await source.insert(2);
      await source.admin.query('ALTER TABLE log_scores ADD COLUMN rtt mediumint');
      await source.insert(2);
      await topic.assertHolds([1, 2, 3, 4]);
      assert.deepEqual((await topic.checkpoint()).optionalColumns, ['attributes', 'rtt']);
      if (!isRunning) await capture.stop();
      await drop();
      await source.insert(1);
      for (const stopped of isRunning ? [capture, start()] : [start()]) {
        assert.equal(await stopped.exited(), 1, stopped.said);
        assert.equal(stopped.failure?.code, 'table-changed', stopped.said);
        assert.match(stopped.failure.message, /column rtt is missing, and was there before/);
      }
      await topic.assertHolds([1, 2, 3, 4]);
    });
  }

  test(
    on('without the setting they stop it, beside the stream and at the start too'),
    async (t) => {
      const made = await setup(t, server, { audit_interval: '200ms' });
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      await source.admin.query('ALTER TABLE log_scores AUTO_INCREMENT = 65530');
      const auditing = await start().ready();
      await source.insert(20);
      await topic.assertHolds(await source.ids());
      // No row of it is in the binlog: an audit sees it, which reads the newest full bucket.
      await source.admin.query('ALTER TABLE log_scores ADD COLUMN mood int');
      assert.equal(await auditing.exited(), 1, auditing.said);
      assert.equal(auditing.failure?.code, 'table-changed', auditing.said);
      assert.match(auditing.failure.message, /column mood \(int\) is not in the LogScore schema/);
      const strict = start();
      assert.equal(await strict.exited(), 2, strict.said);
      assert.match(strict.failure?.remedy ?? '', /unknown_columns=omit/);
      await start(OMIT).ready();
      await source.insert(5);
      await topic.assertHolds(await source.ids());
    },
  );
}
