import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import { faultProxy, needServer } from '@scoreline/testing';

import { TestTable } from './testing/table.ts';

const SIGNAL = new AbortController().signal;
const FIRST = { number: 1, replay: false };
const range = sampleRange([sampleRow(1)]);

test('a server that does not sync is refused', async (t) => {
  const url = needServer(t, 'questdb');
  if (!url) return;
  const proxy = await faultProxy(t, url, {
    instead: ({ path }) =>
      path.includes('commit.mode')
        ? { kind: 'answer', status: 200, body: '{"dataset":[["nosync"]]}' }
        : null,
  });
  const error = { action: 'configure', code: 'questdb-unsynced' };
  await assert.rejects(new TestTable(t, proxy.url, url).sink().start(SIGNAL), error);
});

test('a table that keeps one row for something else is refused', async (t) => {
  const url = needServer(t, 'questdb');
  if (!url) return;
  const table = new TestTable(t, url);
  await table.sink().start(SIGNAL);
  const error = { action: 'stop', code: 'questdb-table-changed' };
  for (const how of ['DEDUP DISABLE', 'DEDUP ENABLE UPSERT KEYS("ts", "server_id")']) {
    await table.exec(`ALTER TABLE "${table.name}" ${how}`);
    await table.settled();
    await assert.rejects(table.sink().start(SIGNAL), error);
  }
});

// Over a connection that has written to it, QuestDB accepts rows for a table that is gone: 204, and no rows.
test('a table that is dropped while the sink runs is no place to land, nor is the next of its name', async (t) => {
  const url = needServer(t, 'questdb');
  if (!url) return;
  const table = new TestTable(t, url);
  const sink = table.sink();
  await sink.start(SIGNAL);
  await sink.write(range, FIRST, SIGNAL);
  const error = { action: 'stop', code: 'questdb-table-changed' };
  await table.exec(`DROP TABLE "${table.name}"`);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), error);
  await table.exec(`DROP TABLE IF EXISTS "${table.name}"`);
  await table.sink().start(SIGNAL);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), error);
});

test('rows of a suspended table land when it is resumed', async (t) => {
  const url = needServer(t, 'questdb');
  if (!url) return;
  const table = new TestTable(t, url);
  const sink = table.sink();
  await sink.start(SIGNAL);
  await table.exec(`ALTER TABLE "${table.name}" SUSPEND WAL`);
  const error = { action: 'retry', code: 'questdb-suspended' };
  await assert.rejects(sink.write(range, FIRST, SIGNAL), error);
  assert.equal((await table.sink().start(SIGNAL)).holdsRows, true);
  await table.exec(`ALTER TABLE "${table.name}" RESUME WAL`);
  await sink.write(range, { number: 2, replay: false }, SIGNAL);
  assert.deepEqual(await table.rows(), [sampleRow(1)]);
});

test('an answer says whether to try again, to stop or to correct the settings', async (t) => {
  const url = needServer(t, 'questdb');
  if (!url) return;
  const proxy = await faultProxy(t, url);
  const table = new TestTable(t, proxy.url, url);
  const sink = table.sink();
  await sink.start(SIGNAL);
  const answers = { 401: 'configure', 403: 'configure', 404: 'stop', 429: 'retry', 503: 'retry' };
  for (const [status, action] of Object.entries(answers)) {
    proxy.next(({ path }) => path.startsWith('/write'), {
      kind: 'answer',
      status: Number(status),
    });
    await assert.rejects(sink.write(range, FIRST, SIGNAL), { action });
  }
  await assert.rejects(table.append(`${table.name} id="text" 1\n`), { action: 'stop' });
  assert.deepEqual(await table.rows(), []);
});
