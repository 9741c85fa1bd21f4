import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { test } from 'node:test';
import * as zlib from 'node:zlib';

import type { LoadedRange, Range } from '@scoreline/landing';
import { decodeRow, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { PermanentError, RetryableError } from '@scoreline/service';
import { until } from '@scoreline/testing';

import { CODECS, type CodecName } from './codec.ts';
import { fullFiles } from './testing/counted-files.ts';
import { hangingFiles } from './testing/hanging-files.ts';
import { inPieces, readAvro, MemoryStore } from './testing/index.ts';
import { FIRST, REPLAY, testObjectSink } from './testing/test-sink.ts';

const SIGNAL = new AbortController().signal;
const DAY_US = 86_400_000_000;
const ROWS = Array.from({ length: 500 }, (_, i) =>
  sampleRow(i + 1, { ts: (20_000 + (i % 3)) * DAY_US + i }),
);
const RANGE = sampleRange(ROWS, { first: 17n, partition: 3 });
const NAMES = ['2024-10-04', '2024-10-05', '2024-10-06'].map(
  (day) => `log_scores-v1/dt=${day}/p0003-00000000000000000017-00000000000000000516.avro`,
);
const away = () => new RetryableError('away', { code: 'test-away' });
const again = (number: number) => ({ number, replay: false });

/** Counts how often the rows are read. */
function counted(range: LoadedRange): { range: Range; reads: () => number } {
  let reads = 0;
  const inner = inPieces(range, [100]);
  return {
    range: { ...inner, chunks: () => (reads++, inner.chunks()) },
    reads: () => reads,
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.filter((name) => name.endsWith('.avro'));
}

for (const codec of CODECS) {
  test(`a range becomes a file for each day, compressed with ${codec}`, async (t) => {
    const make = () => testObjectSink(t, { store: new MemoryStore(), codec, blockRows: 60 });
    if (codec === 'zstandard' && !('zstdCompress' in zlib)) {
      await assert.rejects(make, { code: 'codec-missing' });
      return;
    }
    const { sink, store, workFolder, metrics } = await make();
    await sink.write(RANGE, FIRST, SIGNAL);
    assert.deepEqual([...store.objects.keys()], NAMES);
    for (const [i, { bytes }] of [...store.objects.values()].entries()) {
      const { rows, metadata, blocks } = await readAvro(bytes);
      assert.deepEqual(
        rows,
        ROWS.filter((_, row) => row % 3 === i),
      );
      assert.equal(metadata['avro.codec'], codec);
      assert.equal(metadata['avro.schema'], RANGE.schema);
      assert.equal(blocks.length, 3);
    }
    assert.deepEqual(await filesIn(workFolder), []);
    const counter = await metrics.registry.getSingleMetric('scoreline_sink_objects_total')?.get();
    assert.deepEqual(
      counter?.values.map(({ labels, value }) => [labels['outcome'], value]),
      [['created', 3]],
    );
  });
}

test('the same range again changes nothing, also by a process with another codec', async (t) => {
  const store = new MemoryStore();
  for (const codec of ['null', 'deflate', 'snappy', 'null'] satisfies CodecName[]) {
    const { sink } = await testObjectSink(t, { store, codec });
    await sink.write(RANGE, REPLAY, SIGNAL);
  }
  assert.deepEqual(
    store.created.map(([, outcome]) => outcome),
    [...Array(3).fill('created'), ...Array(9).fill('exists')],
  );
  assert.equal(store.objects.get(NAMES[0]!)?.metadata['codec'], 'null');
});

test('what a process that died has not stored is stored by the next one', async (t) => {
  const store = new MemoryStore();
  const { sink } = await testObjectSink(t, { store });
  store.before = ({ name }) => {
    if (name === NAMES[1]) throw away();
  };
  await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), { code: 'test-away' });
  assert.deepEqual([...store.objects.keys()], NAMES.slice(0, 1));
  store.before = () => {};
  const { sink: next } = await testObjectSink(t, { store });
  await next.write(RANGE, REPLAY, SIGNAL);
  assert.deepEqual([...store.objects.keys()], NAMES);
  assert.deepEqual(
    store.created.map(([, outcome]) => outcome),
    ['created', 'exists', 'created', 'created'],
  );
});

test('a file with other rows under the name stops, and is left as it is', async (t) => {
  const store = new MemoryStore();
  const { sink } = await testObjectSink(t, { store });
  await sink.write(RANGE, FIRST, SIGNAL);
  const before = store.objects.get(NAMES[0]!);
  const other = ROWS.map((row) => ({ ...row, score: row.score + 1 }));
  const range = sampleRange(other, { first: 17n, partition: 3 });
  await assert.rejects(sink.write(range, FIRST, SIGNAL), (error: Error) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, 'object-differs');
    assert.ok(error.message.includes(NAMES[0]!) && error.message.includes(range.identity));
    assert.ok(error.message.includes(RANGE.identity));
    return true;
  });
  assert.equal(store.objects.get(NAMES[0]!), before);
});

test('a file that is there and then is not is asked for again', async (t) => {
  const store = new MemoryStore();
  const { sink } = await testObjectSink(t, { store });
  store.create = async () => 'exists';
  await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), { code: 'object-vanished' });
});

test('files are made once, however often the store fails', async (t) => {
  const store = new MemoryStore();
  const { sink, workFolder } = await testObjectSink(t, { store });
  const { range, reads } = counted(RANGE);
  let failures = 0;
  store.before = ({ name }) => {
    if (name === NAMES[1] && failures++ < 3) throw away();
  };
  for (let attempt = 1; attempt <= 3; attempt++)
    await assert.rejects(sink.write(range, again(attempt), SIGNAL), { code: 'test-away' });
  assert.equal((await filesIn(workFolder)).length, 2);
  await sink.write(range, again(4), SIGNAL);
  assert.equal(reads(), 1);
  assert.deepEqual(
    store.created.map(([name]) => name),
    NAMES,
  );
  assert.deepEqual(await filesIn(workFolder), []);
});

test('files that somebody has cleaned up are made again', async (t) => {
  const store = new MemoryStore();
  const { sink, workFolder } = await testObjectSink(t, { store });
  const { range, reads } = counted(RANGE);
  store.before = () => {
    throw away();
  };
  await assert.rejects(sink.write(range, again(1), SIGNAL), { code: 'test-away' });
  await rm(workFolder, { recursive: true });
  store.before = () => {};
  await sink.write(range, again(2), SIGNAL);
  assert.equal(reads(), 2);
  assert.deepEqual([...store.objects.keys()], NAMES);
});

test('when the partition is another’s, nothing more is stored, and nothing is left', async (t) => {
  const store = new MemoryStore();
  const { sink, workFolder } = await testObjectSink(t, { store });
  const abort = new AbortController();
  store.before = ({ name }) => {
    if (name === NAMES[1]) abort.abort();
  };
  await assert.rejects(sink.write(RANGE, FIRST, abort.signal), { name: 'AbortError' });
  assert.deepEqual([...store.objects.keys()], NAMES.slice(0, 1));
  await until(async () => (await filesIn(workFolder)).length === 0, { what: 'files removed' });

  // Between two attempts, too.
  const second = new AbortController();
  store.before = () => {
    throw away();
  };
  await assert.rejects(sink.write(RANGE, FIRST, second.signal), { code: 'test-away' });
  assert.ok((await filesIn(workFolder)).length > 0);
  second.abort();
  await until(async () => (await filesIn(workFolder)).length === 0, { what: 'files removed' });
});

const HANGS: readonly [what: string, at: (position: number) => boolean][] = [
  ['a block', (position) => position > 0],
  ['the header, the last of a file,', (position) => position === 0],
];

for (const [what, at] of HANGS) {
  test(`a disk that hangs on ${what} is not waited for when the partition is another’s`, async (t) => {
    const files = hangingFiles(at);
    const { sink, store, workFolder } = await testObjectSink(t, {
      store: new MemoryStore(),
      files,
    });
    const abort = new AbortController();
    const write = sink.write(RANGE, FIRST, abort.signal);
    await files.reached;
    abort.abort();
    await assert.rejects(write, { name: 'AbortError' });
    // The partition comes back while the disk still hangs: what was begun is nothing to go on with.
    const { range, reads } = counted(RANGE);
    const repeat = sink.write(range, REPLAY, SIGNAL);
    assert.equal((await filesIn(workFolder)).length > 0, true);
    files.release();
    await repeat;
    assert.equal(reads(), 1);
    assert.deepEqual([...store.objects.keys()], NAMES);
    for (const [i, { bytes }] of [...store.objects.values()].entries()) {
      const expected = ROWS.filter((_, row) => row % 3 === i);
      assert.deepEqual((await readAvro(bytes)).rows, expected);
    }
    assert.deepEqual(await filesIn(workFolder), []);
  });
}

test('a full disk is waited for, and nothing is left on it', async (t) => {
  let isFull = true;
  const store = new MemoryStore();
  const { sink, workFolder } = await testObjectSink(t, { store, files: fullFiles(() => isFull) });
  await assert.rejects(sink.write(RANGE, FIRST, SIGNAL), (error: Error) => {
    assert.ok(error instanceof RetryableError);
    assert.equal(error.code, 'disk-full');
    return true;
  });
  assert.deepEqual(await filesIn(workFolder), []);
  assert.equal(store.created.length, 0);
  isFull = false;
  await sink.write(RANGE, again(2), SIGNAL);
  assert.deepEqual([...store.objects.keys()], NAMES);
});

test('ranges of several partitions at a time become files of their own', async (t) => {
  const store = new MemoryStore();
  const { sink } = await testObjectSink(t, { store });
  const ranges = Array.from({ length: 6 }, (_, partition) =>
    sampleRange(
      ROWS.map((row) => ({ ...row, id: row.id + partition * 1000 })),
      { partition },
    ),
  );
  await Promise.all(ranges.map((range) => sink.write(range, FIRST, SIGNAL)));
  assert.equal(store.objects.size, 18);
  const found: number[] = [];
  for (const { bytes } of store.objects.values())
    found.push(...(await readAvro(bytes)).rows.map(({ id }) => id));
  const expected = ranges.flatMap((range) =>
    Array.from({ length: range.rows }, (_, i) => decodeRow(range.datum(i)).id),
  );
  assert.deepEqual(
    found.sort((a, b) => a - b),
    expected.sort((a, b) => a - b),
  );
});
