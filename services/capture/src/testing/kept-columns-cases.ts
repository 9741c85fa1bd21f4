import assert from 'node:assert/strict';
import { test } from 'node:test';

import { currentPosition } from '@scoreline/database';
import { Block, VERSION_1, WIRE_HEADER_BYTES } from '@scoreline/schema';
import { until } from '@scoreline/testing';
import type { RowDataPacket } from 'mysql2/promise';

import { CapturedTable } from '../captured-table.ts';
import { encodedRows, rowsInBinlog } from './binlog-rows.ts';
import type { CapturedTopic } from './captured-topic.ts';
import { decodedRow } from './encoded-rows.ts';
import { EDGES, NUMBERS } from './kept-edges.ts';
import { readAll, readerSetup, refusedWith } from './reader-setup.ts';
import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

const KEEP = { unknown_columns: 'keep' };

type Extra = Readonly<Record<string, string>>;

function extraOf(datum: Buffer): Extra {
  return { ...(decodedRow(datum) as { extra: Extra }).extra };
}

/** Of every captured row, by id. */
async function extras(
  topic: CapturedTopic,
  ids: readonly number[],
): Promise<(Extra | undefined)[]> {
  const records = await topic.assertHolds(ids);
  const byId = new Map(
    records.map(({ id, value }) => [id, extraOf(value.subarray(WIRE_HEADER_BYTES))]),
  );
  return ids.map((id) => byId.get(id));
}

/** What columns do whose values are kept, on both servers. */
export function keptColumnsCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(
    on('the ends of every type that is kept are the text that the server makes of them'),
    async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { own, admin, identity, source, open } = made;
      await own.createTable();
      const names = EDGES.map((_, index) => `c${index}`);
      const columns = EDGES.map(([sql], index) => `ADD COLUMN c${index} ${sql}`);
      await admin.query(`ALTER TABLE log_scores ${columns.join(', ')}`);
      const from = await currentPosition(admin, identity.flavour);
      await admin.query("SET SESSION sql_mode = '', time_zone = '+00:00'");
      let rows = 0;
      for (const [index, [, values]] of EDGES.entries()) {
        const tuples = values.map((value) => `(1, '2026-01-31', ${value})`);
        rows += tuples.length;
        await admin.query(
          `INSERT INTO log_scores (server_id, ts, c${index}) VALUES ${tuples.join()}`,
        );
      }
      const inBinlog = await rowsInBinlog({
        source,
        identity,
        from,
        rows,
        utcOffsetMinutes: 0,
        unknownColumns: 'keep',
      });
      const reader = await open(undefined, 0, 'keep');
      const selected = await readAll(reader, { from: 1, to: rows });
      assert.deepStrictEqual(selected.rows, inBinlog);

      const texts = EDGES.map(([, , text = (name: string) => name], index) => {
        return `CAST(${text(`c${index}`)} AS CHAR CHARACTER SET utf8mb4) AS c${index}`;
      });
      const [said] = await admin.query<RowDataPacket[]>(
        `SELECT ${texts.join(', ')} FROM log_scores ORDER BY id`,
      );
      const expected = said.map((row) => {
        const present = names.filter((name) => row[name] !== null);
        return Object.fromEntries(present.map((name) => [name, String(row[name])]));
      });
      for (const [sql, numbers] of NUMBERS) {
        const index = EDGES.findIndex(([type]) => type === sql);
        const name = `c${index}`;
        const held = expected.filter((row) => name in row);
        for (const [nth, row] of held.entries()) row[name] = numbers[nth]!;
      }
      assert.deepEqual(
        inBinlog.map(({ datum }) => extraOf(datum)),
        expected,
      );
    },
  );

  test(
    on('columns that are added in mid-stream are kept from there on, and may go again'),
    async (t) => {
      const made = await setup(t, server, { initial: 'all', ...KEEP });
      if (made === null) return;
      const { source, topic, start, act } = made;
      const alter = (change: string): Promise<unknown> =>
        source.admin.query(`ALTER TABLE log_scores ${change}`);
      await source.createTable();
      const capture = await start().ready();
      await source.insert(2);
      await alter("ADD COLUMN mood varchar(300) DEFAULT 'good' FIRST");
      await source.insert(2);
      await alter('ADD COLUMN kind bigint DEFAULT 7 AFTER score, ADD COLUMN note text');
      await source.insert(2);
      const seen = await extras(topic, await source.ids());
      const [good, both] = [{ mood: 'good' }, { mood: 'good', kind: '7' }];
      assert.deepEqual(seen, [{}, {}, good, good, both, both]);
      assert.equal(await capture.metric('scoreline_capture_columns_kept'), 3);
      assert.match(
        capture.said,
        /no field for mood, kind, note: what the table has there goes into/,
      );

      // The newest rows are compared with a table that has its defaults in all of them by now.
      await capture.stop();
      const last = await topic.checkpoint();
      const file = last.position.file.replace(/\d+$/, '000000');
      await topic.plant({ ...last, position: { file, offset: 500 }, event: null, gtidSet: '' });
      await source.admin.query('SET SESSION sql_log_bin = 0');
      await source.insert(2);
      await source.admin.query('SET SESSION sql_log_bin = 1');
      const again = await start().ready();
      await until(() => again.said.includes('the same in the table'));
      await source.insert(2);
      const more = await extras(topic, await source.ids());
      assert.deepEqual(more, [...seen, both, both, both, both]);

      await alter('DROP COLUMN mood, DROP COLUMN kind, DROP COLUMN note');
      await source.insert(2);
      assert.deepEqual(await extras(topic, await source.ids()), [...more, {}, {}]);
      await until(async () => (await again.metric('scoreline_capture_columns_kept')) === 0);
      const { lines } = await act('verify-ledger');
      assert.equal(lines.at(-1), 'EQUAL', lines.join('\n'));
    },
  );

  test(
    on('a column that cannot be kept stops capture by its name, in the stream and at start'),
    async (t) => {
      const made = await setup(t, server, KEEP);
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      const capture = await start().ready();
      await source.insert(3);
      await source.admin.query('ALTER TABLE log_scores ADD COLUMN code binary(16)');
      await source.insert(1);
      assert.equal(await capture.exited(), 1, capture.said);
      assert.equal(capture.failure?.code, 'table-changed', capture.said);
      assert.match(
        capture.failure.message,
        /column code is char with character set binary, which cannot/,
      );
      assert.match(capture.failure.remedy ?? '', /unknown_columns=omit/);
      await topic.assertHolds([1, 2, 3]);
      const again = start();
      assert.equal(await again.exited(), 2, again.said);
      assert.match(
        again.said,
        /column code is char with character set binary, which cannot be kept/,
      );
    },
  );

  test(
    on('a column that is added between two reads of the table is in the rows of the second'),
    async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { own, admin, identity, source, connect } = made;
      await own.createTable();
      await own.insert(2);
      const options = {
        identity,
        utcOffsetMinutes: 0,
        unknownColumns: 'keep' as const,
        version: VERSION_1,
        optionalColumns: [],
      };
      const table = await CapturedTable.open(await connect(), source, options);
      await assert.rejects(
        CapturedTable.open(await connect(), source, { ...options, optionalColumns: ['gone'] }),
        refusedWith('table-changed', /column gone is missing, and was there before/),
      );
      const strict = await CapturedTable.open(await connect(), source, {
        ...options,
        unknownColumns: 'stop',
      });
      const block = new Block();
      await table.rows(Float64Array.of(1), block);
      await admin.query('ALTER TABLE log_scores ADD COLUMN kind int DEFAULT 7');
      await own.insert(1);
      assert.equal(await table.rows(Float64Array.of(2, 3), block), 3);
      const rows = encodedRows(block);
      assert.deepEqual(
        rows.map(({ id, datum }) => [id, extraOf(datum)]),
        [
          [1, {}],
          [2, { kind: '7' }],
          [3, { kind: '7' }],
        ],
      );
      await assert.rejects(
        strict.rows(Float64Array.of(2, 3), block),
        refusedWith('table-changed', /column kind \(int\) is not in the LogScore schema/),
      );
    },
  );
}
