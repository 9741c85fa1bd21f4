import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FIRST_DAY_US, rowDifferences, sampleRange, sampleRow } from '@scoreline/landing/testing';

import { archiverFile, MemoryArchive, MemoryStore, readAvro } from './testing/index.ts';
import { FIRST, REPLAY, testObjectSink } from './testing/test-sink.ts';

const SIGNAL = new AbortController().signal;
const TOPIC = 'log_scores-v1';
const DAY_US = 86_400_000_000;
const BOUND = 300;
const isLate = (id: number) => id % 9 === 7;
const row = (id: number) => sampleRow(id, { ts: FIRST_DAY_US + (id % 2) * DAY_US + id });
const ids = Array.from({ length: 400 }, (_, i) => i + 1);
const lacking = ids.filter((id) => id > BOUND || isLate(id));

/** Three files of the archiver's, which lack what committed late. */
async function ready() {
  const archive = new MemoryArchive();
  for (const from of [1, 101, 201]) {
    const left = ids.filter((id) => id >= from && id < from + 100 && !isLate(id));
    const { name, year, bytes } = await archiverFile(left.map(row));
    archive.files.set(`${year}/${name}`, bytes);
  }
  return { archive, store: new MemoryStore(archive) };
}

async function rowsOf({ objects }: MemoryStore) {
  const files = await Promise.all([...objects.values()].map(({ bytes }) => readAvro(bytes)));
  return files.flatMap(({ rows }) => rows);
}

test('the rows that the archiver’s files lack land, and again and after a takeover nothing changes', async (t) => {
  const { archive, store } = await ready();
  const { sink } = await testObjectSink(t, { store });
  const heldUpTo = await sink.heldUpTo?.(SIGNAL, TOPIC);
  assert.equal(heldUpTo, BOUND);
  const ranges = [
    sampleRange(ids.slice(0, 250).map(row)),
    sampleRange(ids.slice(250).map(row), { first: 250n }),
    // All of it is there.
    sampleRange([row(1), row(2)], { first: 400n }),
  ];
  for (const range of ranges) await sink.write(range, { ...FIRST, heldUpTo: BOUND }, SIGNAL);
  assert.deepEqual(rowDifferences(lacking.map(row), await rowsOf(store)), []);
  const names = [...store.objects.keys()];
  // Two days each; the names have the offsets of all of the range.
  assert.equal(names.length, 4);
  assert.ok(names[0]?.endsWith('p0000-00000000000000000000-00000000000000000249.avro'), names[0]);

  const next = await testObjectSink(t, { store });
  for (const range of ranges) {
    await next.sink.write(range, { ...REPLAY, heldUpTo: BOUND }, SIGNAL);
  }
  assert.deepEqual([...store.objects.keys()], names);
  assert.ok(store.created.slice(4).every(([, outcome]) => outcome === 'exists'));
  assert.equal(archive.reads.length, 6, 'each file once in each process');
});

test('a process that died between the files of two days is followed by one that makes the same', async (t) => {
  const { store } = await ready();
  const { sink } = await testObjectSink(t, { store });
  const controller = new AbortController();
  store.before = () => {
    if (store.objects.size === 1) controller.abort(new Error('dies'));
  };
  const range = sampleRange(ids.map(row));
  const attempt = { ...FIRST, heldUpTo: BOUND };
  await assert.rejects(sink.write(range, attempt, controller.signal), /dies/);
  assert.equal(store.objects.size, 1);
  store.before = () => {};
  const next = await testObjectSink(t, { store });
  await next.sink.write(range, { ...REPLAY, heldUpTo: BOUND }, SIGNAL);
  assert.deepEqual(rowDifferences(lacking.map(row), await rowsOf(store)), []);
});

test('a range above the bound is not asked for, and without a bound no file is read', async (t) => {
  const { archive, store } = await ready();
  const { sink } = await testObjectSink(t, { store });
  await sink.write(sampleRange(ids.map(row)), FIRST, SIGNAL);
  assert.equal((await rowsOf(store)).length, ids.length);
  assert.deepEqual(archive.reads, []);
});

test('an archiver that still writes stops the sink, and a replay leaves out what it left out before', async (t) => {
  const { archive, store } = await ready();
  const { sink } = await testObjectSink(t, { store });
  const { name, bytes } = await archiverFile([row(301), row(302)]);
  archive.files.set(`2025/${name}`, bytes);
  const range = sampleRange(ids.map(row));
  const write = (attempt: typeof FIRST) =>
    sink.write(range, { ...attempt, heldUpTo: BOUND }, SIGNAL);
  await assert.rejects(write(FIRST), { action: 'stop', code: 'existing-rows-grow' });
  assert.equal(store.objects.size, 0);
  await write(REPLAY);
  assert.deepEqual(rowDifferences(lacking.map(row), await rowsOf(store)), []);
});

test('files of our own are not asked for: a group that has lost its offsets beside them stops', async (t) => {
  const { store } = await ready();
  const first = await testObjectSink(t, { store });
  await first.sink.write(sampleRange(ids.map(row)), { ...FIRST, heldUpTo: BOUND }, SIGNAL);
  const next = await testObjectSink(t, { store });
  await assert.rejects(async () => next.sink.heldUpTo?.(SIGNAL, TOPIC), {
    action: 'stop',
    code: 'offset-missing',
  });
  assert.equal(
    await next.sink.heldUpTo?.(SIGNAL, 'log_scores-v2'),
    BOUND,
    'another version begins',
  );
});

test('a store in which no archiver has written cannot be asked', async (t) => {
  const { sink } = await testObjectSink(t, { store: new MemoryStore() });
  assert.equal(sink.heldUpTo, undefined);
});
