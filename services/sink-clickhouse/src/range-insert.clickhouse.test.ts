import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { FIRST_DAY_US, rowDifferences, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { PoisonError } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { type TestDatabase, testDatabase } from './testing/database.ts';
import { tcpProxy } from './testing/tcp-proxy.ts';
import { AGAIN, FIRST, REPLAY, SIGNAL, testSink } from './testing/test-sink.ts';

const DAY_US = 86_400_000_000;

/** Rows of two days, so that an insert makes two parts. */
const ROWS = Array.from({ length: 3000 }, (_, i) =>
  sampleRow(i + 1, { ts: FIRST_DAY_US + (i % 2) * DAY_US + i }),
);

async function ready(t: TestContext, dsn: string, env: Record<string, string> = {}) {
  const database = await testDatabase(t, dsn);
  const sink = testSink(t, { ...database.env, ...env });
  const destination = await sink.start();
  return { database, sink, destination };
}

async function assertExactly(database: TestDatabase, rows = ROWS): Promise<void> {
  assert.deepEqual(
    await database.rows(),
    rows.toSorted((a, b) => a.id - b.id),
  );
}

/** In a few words, whatever is wrong. */
async function assertSame(database: TestDatabase): Promise<void> {
  assert.deepEqual(rowDifferences(ROWS, await database.rows()), []);
}

test('a range becomes rows, every value as it was', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const extremes = [
    sampleRow(2 ** 53 - 2, { ts: 1, server_id: 2 ** 32 - 1, monitor_id: 2 ** 32 - 1, leap: 255 }),
    sampleRow(4000, { score: -1.7976931348623157e308, step: 5e-324, offset: -0.1, stratum: 255 }),
    sampleRow(4001, { ts: 0, rtt: -(2 ** 31), from_ls_id: 2 ** 53 - 2, from_ss_id: 0 }),
    sampleRow(4002, { ts: 5_662_310_399_999_999, rtt: 2 ** 31 - 1, no_response: false }),
    sampleRow(4003, { error: '', warning: '\u0000 "\\ 漢 \u{1f600}', attributes: '{"a": [1]}' }),
    sampleRow(4004, { extra: { mood: 'süß', '': '', "it's": '\u0000', kind: '7' } }),
  ];
  const rows = [...ROWS, ...extremes];
  await sink.write(sampleRange(rows), FIRST, SIGNAL);
  await assertExactly(database, rows);
});

for (const compress of ['gzip', 'br', 'lz4']) {
  test(`rows land with compress=${compress}, and once`, async (t) => {
    const dsn = needServer(t, 'clickhouse');
    if (!dsn) return;
    const database = await testDatabase(t, dsn);
    const { ch_dsn, ...env } = database.env;
    const sink = testSink(t, { ...env, ch_dsn: `${ch_dsn}?compress=${compress}` });
    await sink.start();
    for (const attempt of [FIRST, FIRST, REPLAY]) {
      await sink.write(sampleRange(ROWS), attempt, SIGNAL);
    }
    await assertExactly(database);
  });
}

test('the same range again changes nothing, whether it is known to be a repeat or not', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const range = sampleRange(ROWS);
  for (const attempt of [FIRST, FIRST, AGAIN, REPLAY]) await sink.write(range, attempt, SIGNAL);
  await assertExactly(database);
});

test('a range of more days than an insert may have by default is one insert all the same', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const rows = Array.from({ length: 120 }, (_, i) =>
    sampleRow(i + 1, { ts: FIRST_DAY_US + i * DAY_US }),
  );
  const range = sampleRange(rows);
  for (const attempt of [FIRST, FIRST]) await sink.write(range, attempt, SIGNAL);
  await assertExactly(database, rows);
});

test('a replay inserts the whole range when the table holds none of it', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  await sink.write(sampleRange(ROWS), REPLAY, SIGNAL);
  await assertExactly(database);
});

test('a replay inserts what the table lacks: an insert over several days is not atomic', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const range = sampleRange(ROWS);
  await sink.write(range, FIRST, SIGNAL);
  // The second part was never written.
  const [day] = new Date((FIRST_DAY_US + DAY_US) / 1000).toISOString().split('T');
  const query = `ALTER TABLE ${database.name}.log_scores DROP PARTITION '${day}'`;
  await database.client.command({ query });
  assert.deepEqual(await database.count(), { rows: 1500, ids: 1500 });
  await sink.write(range, REPLAY, SIGNAL);
  await assertExactly(database);
  await sink.write(range, REPLAY, SIGNAL);
  await assertExactly(database);
});

test('rows whose insert the table remembers but no longer holds are inserted all the same', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const range = sampleRange(ROWS);
  await sink.write(range, FIRST, SIGNAL);
  // Unlike TRUNCATE and DROP PARTITION, which take the memory of inserts along.
  const remove = (where: string) =>
    database.client.command({
      query: `ALTER TABLE ${database.name}.log_scores DELETE WHERE ${where} SETTINGS mutations_sync = 1`,
    });
  for (const where of ['1', 'id % 3 = 0']) {
    await remove(where);
    await sink.write(range, REPLAY, SIGNAL);
    await assertSame(database);
  }
});

test('rows of other partitions between a range’s ids are neither counted nor touched', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const odd = ROWS.filter(({ id }) => id % 2 === 1);
  const even = ROWS.filter(({ id }) => id % 2 === 0);
  await sink.write(sampleRange(odd, { partition: 1 }), FIRST, SIGNAL);
  await sink.write(sampleRange(even, { partition: 0 }), REPLAY, SIGNAL);
  await sink.write(sampleRange(odd, { partition: 1 }), REPLAY, SIGNAL);
  await assertExactly(database);
});

test('an id that the table holds twice stops: nothing was left to be repaired', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  await sink.write(sampleRange(ROWS.slice(5, 6), { partition: 1 }), FIRST, SIGNAL);
  await assert.rejects(sink.write(sampleRange(ROWS), REPLAY, SIGNAL), {
    code: 'destination-holds-duplicates',
    message: /id 6 /,
  });
  assert.deepEqual(await database.count(), { rows: 3001, ids: 3000 });
});

test('an insert whose answer is lost is found again', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const direct = await testDatabase(t, dsn);
  const proxy = await tcpProxy(t, process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123');
  const sink = testSink(t, { ...direct.env, ch_http_url: proxy.url });
  await sink.start();
  proxy.dropAnswers = 1;
  const range = sampleRange(ROWS);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), { action: 'retry' });
  assert.equal(proxy.dropped, 1);
  await sink.write(range, AGAIN, SIGNAL);
  await assertExactly(direct);
});

test('an insert that is cut off in the middle leaves nothing, and is made again', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const direct = await testDatabase(t, dsn);
  const proxy = await tcpProxy(t, process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123');
  const sink = testSink(t, { ...direct.env, ch_http_url: proxy.url });
  await sink.start();
  proxy.cutRequests = 1;
  const range = sampleRange(ROWS);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), { action: 'retry' });
  await sink.write(range, AGAIN, SIGNAL);
  await assertExactly(direct);
});

test('an insert that goes on after its client is gone is ended before the table is asked', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  const table = `${database.name}.log_scores`;
  // Makes inserts take three seconds.
  const query = `ALTER TABLE ${table} ADD COLUMN slow UInt8 DEFAULT sleep(3)`;
  await database.client.command({ query });
  const range = sampleRange(ROWS);
  const running = async () => {
    const answer = await database.client.query({
      query: 'SELECT count() AS n FROM system.processes WHERE startsWith(query_id, {id:String})',
      query_params: { id: range.identity },
      format: 'JSONEachRow',
    });
    const [found] = await answer.json<{ n: string }>();
    return Number(found?.n);
  };
  const dying = new AbortController();
  const write = sink.write(range, FIRST, dying.signal);
  await until(async () => (await running()) === 1, { what: 'the insert' });
  dying.abort();
  await assert.rejects(write);
  assert.equal(await running(), 1, 'it goes on');
  await sink.write(range, REPLAY, SIGNAL);
  assert.equal(await running(), 0);
  assert.deepEqual(await database.count(), { rows: 3000, ids: 3000 });
});

const MISFITS = {
  server_id: 2 ** 32,
  monitor_id: -1,
  leap: 256,
  stratum: -1,
  from_ls_id: -1,
  ts: 5_662_310_400_000_000,
};

for (const [column, value] of Object.entries(MISFITS)) {
  test(`a value that its column cannot hold stops, naming the row: ${column} = ${value}`, async (t) => {
    const dsn = needServer(t, 'clickhouse');
    if (!dsn) return;
    const { database, sink } = await ready(t, dsn);
    const rows = [...ROWS.slice(0, 10), sampleRow(777, { [column]: value })];
    await assert.rejects(sink.write(sampleRange(rows), FIRST, SIGNAL), (error: Error) => {
      assert.match(error.message, new RegExp(`id 777 has ${column} = ${value}`));
      assert.ok(error instanceof PoisonError);
      assert.equal(error.row, 10);
      return true;
    });
    assert.deepEqual(await database.count(), { rows: 0, ids: 0 });
  });
}

test('a table that was dropped stops the sink', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const { database, sink } = await ready(t, dsn);
  await database.client.command({ query: `DROP TABLE ${database.name}.log_scores SYNC` });
  await assert.rejects(sink.write(sampleRange(ROWS), FIRST, SIGNAL), {
    action: 'stop',
    code: 'clickhouse-60',
  });
});

test('a server that is away is tried again', async (t) => {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return;
  const direct = await testDatabase(t, dsn);
  const proxy = await tcpProxy(t, process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123');
  const sink = testSink(t, { ...direct.env, ch_http_url: proxy.url });
  await sink.start();
  proxy.close();
  await assert.rejects(sink.write(sampleRange(ROWS), FIRST, SIGNAL), {
    action: 'retry',
    code: 'clickhouse-unreachable',
  });
});
