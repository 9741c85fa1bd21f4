import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Block, VERSION_1, WIRE_HEADER_BYTES } from '@scoreline/schema';

import { CapturedTable } from './captured-table.ts';
import type { CapturedTopic } from './testing/captured-topic.ts';
import { decodedRow } from './testing/encoded-rows.ts';
import { readerSetup, refusedWith } from './testing/reader-setup.ts';
import { setup } from './testing/setup.ts';
import type { SourceDatabase } from './testing/source-database.ts';

const DROPPED = /column rtt is missing, and was there before/;
const ROW = "(server_id, ts) VALUES (1, '2025-11-21 12:00:00')";
const ROW_WITH_RTT = "(server_id, ts, rtt) VALUES (1, '2025-11-21 12:00:00', 7)";

const insert = ({ admin }: SourceDatabase, row: string): Promise<unknown> =>
  admin.query(`INSERT INTO log_scores ${row}`);

const alter = ({ admin }: SourceDatabase, change: string): Promise<unknown> =>
  admin.query(`ALTER TABLE log_scores ${change}`);

/** By id, of exactly these rows. */
async function rtts(topic: CapturedTopic, ids: readonly number[]): Promise<(number | null)[]> {
  const records = await topic.assertHolds(ids);
  return records
    .toSorted((a, b) => a.id - b.id)
    .map(({ value }) => decodedRow(value.subarray(WIRE_HEADER_BYTES)) as { rtt: number | null })
    .map(({ rtt }) => rtt);
}

test('a table that never had the columns is captured whole, and one that it gets later is not to go', async (t) => {
  const made = await setup(t, 'mariadb', { initial: 'all' });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  await alter(source, 'DROP COLUMN rtt, DROP COLUMN attributes');
  await insert(source, ROW);
  const first = await start().ready();
  assert.deepEqual(await rtts(topic, [1]), [null]);
  await insert(source, ROW);
  assert.deepEqual(await rtts(topic, [1, 2]), [null, null]);
  await first.stop();
  assert.deepEqual((await topic.checkpoint()).optionalColumns, []);

  await alter(source, 'ADD COLUMN rtt mediumint');
  const second = await start().ready();
  await insert(source, ROW_WITH_RTT);
  assert.deepEqual(await rtts(topic, [1, 2, 3]), [null, null, 7]);
  await second.stop();
  assert.deepEqual((await topic.checkpoint()).optionalColumns, ['rtt']);
});

test('a column that is dropped while capture is down stops it, though no row has come since its first start', async (t) => {
  const made = await setup(t, 'mariadb', { initial: 'all' });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  await insert(source, ROW_WITH_RTT);
  const capture = await start().ready();
  assert.deepEqual(await rtts(topic, [1]), [7]);
  await capture.stop();
  await alter(source, 'DROP COLUMN rtt');
  const stopped = start();
  assert.equal(await stopped.exited(), 1, stopped.said);
  assert.equal(stopped.failure?.code, 'table-changed', stopped.said);
  assert.match(stopped.failure.message, DROPPED);

  // As the error says: nothing was written without it.
  await alter(source, 'ADD COLUMN rtt mediumint');
  await start().ready();
  await insert(source, ROW_WITH_RTT);
  assert.deepEqual(await rtts(topic, [1, 2]), [7, 7]);
});

test('rows that were written before the drop are out before it stops capture', async (t) => {
  const made = await setup(t, 'mariadb');
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const capture = await start().ready();
  await insert(source, ROW_WITH_RTT);
  assert.deepEqual(await rtts(topic, [1]), [7]);
  await capture.stop();
  await insert(source, ROW_WITH_RTT);
  await alter(source, 'DROP COLUMN rtt');
  const stopped = start();
  assert.equal(await stopped.exited(), 1, stopped.said);
  assert.equal(stopped.failure?.code, 'table-changed', stopped.said);
  assert.match(stopped.failure.message, DROPPED);
  assert.deepEqual(await rtts(topic, [1, 2]), [7, 7]);
});

test('a column that came with rows which the binlog no longer has is not to go either', async (t) => {
  const made = await setup(t, 'mariadb', { initial: 'all' });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  await alter(source, 'DROP COLUMN rtt');
  await insert(source, ROW);
  const capture = await start().ready();
  assert.deepEqual(await rtts(topic, [1]), [null]);
  await capture.stop();
  const last = await topic.checkpoint();
  const file = last.position.file.replace(/\d+$/, '000000');
  await topic.plant({ ...last, position: { file, offset: 500 }, event: null, gtidSet: '' });
  await alter(source, 'ADD COLUMN rtt mediumint');
  await insert(source, ROW_WITH_RTT);
  const again = await start().ready();
  assert.deepEqual(await rtts(topic, [1, 2]), [null, 7]);
  await again.stop();
  await alter(source, 'DROP COLUMN rtt');
  const stopped = start();
  assert.equal(await stopped.exited(), 1, stopped.said);
  assert.match(stopped.failure?.message ?? '', DROPPED);
});

test('a column that is dropped while its rows are read stops the reading, before they are read without it', async (t) => {
  const made = await readerSetup(t, 'mariadb');
  if (made === null) return;
  const { own, identity, source, connect } = made;
  await own.createTable();
  await insert(own, ROW_WITH_RTT);
  const connection = await connect();
  const table = await CapturedTable.open(connection, source, {
    identity,
    utcOffsetMinutes: 0,
    unknownColumns: 'stop',
    version: VERSION_1,
    optionalColumns: [],
  });
  // Behind the rows, and before the columns are looked at again.
  const query = connection.query.bind(connection) as (sql: string, values: unknown) => unknown;
  connection.query = (async (sql: string, values: unknown) => {
    await alter(own, 'DROP COLUMN IF EXISTS rtt');
    return query(sql, values);
  }) as typeof connection.query;
  await assert.rejects(
    table.rows(Float64Array.of(1), new Block()),
    refusedWith('table-changed', DROPPED),
  );
});
