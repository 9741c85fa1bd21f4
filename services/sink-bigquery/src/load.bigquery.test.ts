import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { FIRST_DAY_US, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import { testDataset } from './testing/dataset.ts';
import { AGAIN, FIRST, REPLAY, SIGNAL, testSink } from './testing/test-sink.ts';

const DAY_US = 86_400_000_000;

const ROWS = Array.from({ length: 3000 }, (_, i) =>
  sampleRow(i + 1, { ts: FIRST_DAY_US + (i % 2) * DAY_US + i }),
);

async function ready(t: TestContext, endpoint: string) {
  const dataset = await testDataset(t, endpoint);
  const { sink, metrics } = testSink(dataset.env);
  const destination = await sink.start(SIGNAL);
  return { dataset, sink, metrics, destination };
}

test('a range becomes rows, every value as it was', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const { dataset, sink, destination } = await ready(t, endpoint);
  assert.equal(destination.holdsRows, false);
  const rows = [
    ...ROWS,
    sampleRow(4000, { score: -1.7976931348623157e308, step: 5e-324, offset: -0.1, stratum: 255 }),
    sampleRow(4001, { ts: 0, rtt: -(2 ** 31), from_ls_id: 2 ** 53 - 2, from_ss_id: 0 }),
    sampleRow(4002, { ts: 4_102_444_799_999_999, rtt: 2 ** 31 - 1, no_response: false }),
    sampleRow(4003, { error: '', warning: '"\\ 漢 \u{1f600}', attributes: '{"a": [1]}' }),
    sampleRow(4004, { score: 0.1 + 0.2, step: 2 ** -1074, offset: 1 / 3 }),
    sampleRow(2 ** 53 - 2, { ts: 1, server_id: 2 ** 32 - 1, monitor_id: 2 ** 32 - 1, leap: 255 }),
  ];
  await sink.write(sampleRange(rows), FIRST, SIGNAL);
  assert.deepEqual(await dataset.rows(), rows);
  const { schema, timePartitioning, clustering } = (await dataset.table()) as {
    schema: { fields: { name: string; type: string }[] };
    timePartitioning: { type: string; field: string };
    clustering: { fields: string[] };
  };
  assert.equal(schema.fields.find(({ name }) => name === 'ts')?.type, 'TIMESTAMP');
  assert.equal(timePartitioning.type, 'DAY');
  assert.equal(timePartitioning.field, 'ts');
  assert.deepEqual(clustering.fields, ['server_id', 'monitor_id']);
});

test('the same range again is no job, whoever asks and however often', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const { dataset, sink, destination } = await ready(t, endpoint);
  const range = sampleRange(ROWS);
  for (const attempt of [FIRST, AGAIN, REPLAY]) await sink.write(range, attempt, SIGNAL);
  const other = testSink(dataset.env).sink;
  const again = await other.start(SIGNAL);
  assert.deepEqual(again, { ...destination, holdsRows: true });
  await other.write(range, REPLAY, SIGNAL);
  assert.deepEqual(await dataset.rows(), ROWS);
  assert.equal((await dataset.jobs()).length, 1);
});

test('rows of other partitions between a range’s ids are not taken for its own', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const { dataset, sink } = await ready(t, endpoint);
  const odd = sampleRange(
    ROWS.filter(({ id }) => id % 2 === 1),
    { partition: 1 },
  );
  const even = sampleRange(ROWS.filter(({ id }) => id % 2 === 0));
  for (const range of [odd, even]) {
    await sink.write(range, FIRST, SIGNAL);
    await sink.write(range, REPLAY, SIGNAL);
  }
  assert.deepEqual(await dataset.rows(), ROWS);
});

test('a range whose rows were removed is loaded again by the next attempt, and a part of them stops', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const { dataset, sink } = await ready(t, endpoint);
  const range = sampleRange(ROWS);
  await sink.write(range, FIRST, SIGNAL);
  const table = `\`${dataset.project}.${dataset.name}.log_scores\``;
  await dataset.query(`DELETE FROM ${table} WHERE id > 10`);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), { code: 'destination-holds-part' });
  await dataset.query(`DELETE FROM ${table} WHERE id <= 10`);
  await sink.write(range, FIRST, SIGNAL);
  await sink.write(range, REPLAY, SIGNAL);
  assert.deepEqual(await dataset.rows(), ROWS);
  assert.deepEqual(
    (await dataset.jobs()).map(({ id }) => id.slice(-3)),
    ['-a0', '-a1'],
  );
});

test('a table that was created anew is another destination, and is filled anew', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const { dataset, sink, destination } = await ready(t, endpoint);
  const range = sampleRange(ROWS);
  await sink.write(range, FIRST, SIGNAL);
  await dataset.request('DELETE', `datasets/${dataset.name}/tables/log_scores`);
  const other = testSink(dataset.env).sink;
  const again = await other.start(SIGNAL);
  assert.notEqual(again.fingerprint, destination.fingerprint);
  assert.equal(again.holdsRows, false);
  await other.write(range, FIRST, SIGNAL);
  assert.deepEqual(await dataset.rows(), ROWS);
});

test('what is left of the quotas is told', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const { dataset, sink, metrics } = await ready(t, endpoint);
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  assert.match(await metrics.registry.metrics(), /_remaining_jobs 1399\n/);
  // Another member, which counts what it has not done itself.
  const other = testSink(dataset.env);
  await other.sink.start(SIGNAL);
  const text = await other.metrics.registry.metrics();
  assert.match(text, /_remaining_jobs 1399\n/);
  assert.match(text, /_remaining_partition_changes 9998\n/);
});
