import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as zlib from 'node:zlib';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';

import { CODECS, decodeBlock } from './codec.ts';
import type { ObjectSink } from './object-sink.ts';
import { archiverFile, MemoryArchive, MemoryStore } from './testing/index.ts';
import { FIRST, testObjectSink } from './testing/test-sink.ts';

const SIGNAL = new AbortController().signal;
const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };
const rowsOf = (ids: readonly number[]) =>
  ids.map((id) => sampleRow(id, id % 5 === 0 ? { extra: { a: 'ü', b: '' } } : {}));
const IDS = Array.from({ length: 300 }, (_, i) => i + 1);

async function held(sink: ObjectSink, asked: Parameters<ObjectSink['heldIds']>[0] = ALL) {
  const ids: number[] = [];
  for await (const some of sink.heldIds(asked, SIGNAL)) ids.push(...some);
  return ids.sort((a, b) => a - b);
}

/** A sink that has landed the rows with these ids, in a range of its own each time. */
async function landed(
  t: TestContext,
  all: readonly (readonly number[])[],
  archive?: MemoryArchive,
) {
  const store = new MemoryStore(archive);
  const { sink } = await testObjectSink(t, { store, blockRows: 50 });
  for (const [at, ids] of all.entries()) {
    await sink.write(sampleRange(rowsOf(ids), { first: BigInt(at * 1000) }), FIRST, SIGNAL);
  }
  return { store, sink };
}

for (const codec of CODECS) {
  test(`ids are read out of files that are compressed with ${codec}`, async (t) => {
    if (codec === 'zstandard' && !('zstdDecompress' in zlib)) {
      await assert.rejects(decodeBlock(codec, Buffer.alloc(9)), { code: 'codec-missing' });
      return;
    }
    const { sink } = await testObjectSink(t, { store: new MemoryStore(), codec, blockRows: 50 });
    await sink.write(sampleRange(rowsOf(IDS)), FIRST, SIGNAL);
    assert.deepEqual(await held(sink), IDS);
  });
}

test('only files are read whose ids overlap those that are asked for', async (t) => {
  const { store, sink } = await landed(t, [IDS.slice(0, 100), IDS.slice(100, 200), IDS.slice(200)]);
  const reads: string[] = [];
  const read = store.read.bind(store);
  store.read = (name) => {
    reads.push(name);
    return read(name);
  };
  assert.deepEqual(await held(sink, { from: 150, to: 200 }), IDS.slice(149, 200));
  assert.equal(reads.length, 1);
  assert.deepEqual(await held(sink, { from: 200, to: 201 }), [200, 201]);
  assert.equal(reads.length, 3);
  const asked: string[] = [];
  const stat = store.stat.bind(store);
  store.stat = (name) => {
    asked.push(name);
    return stat(name);
  };
  assert.deepEqual(await held(sink, { from: 1, to: 100 }), IDS.slice(0, 100));
  assert.equal(asked.length, 1, 'what a file has is remembered');
});

test('a file that is damaged, cut off or not what its metadata says is named', async (t) => {
  const { store, sink } = await landed(t, [IDS]);
  const [[name, whole]] = [...store.objects] as [[string, { bytes: Buffer; metadata: object }]];
  const metadata = store.objects.get(name)!.metadata;
  const flipped = Buffer.from(whole.bytes);
  flipped[flipped.length - 30]! ^= 0xff;
  const others = await landed(t, [IDS.slice(0, 299)]);
  const [other] = others.store.objects.values();
  const changed = { ...metadata, crc32c: '00000000' };
  for (const [bytes, facts, says] of [
    [flipped, metadata, /cannot be read/],
    [whole.bytes.subarray(0, -1), metadata, /it ends too early/],
    [other!.bytes, metadata, /it has 299 rows, and was made of 300/],
    [whole.bytes, changed, /the CRC32C of its rows is [0-9a-f]{8}, and was 00000000/],
    [Buffer.from('of somebody else'), {}, /it does not begin as an Avro file/],
  ] as const) {
    store.objects.set(name, { bytes, metadata: facts });
    await assert.rejects(held(sink), (error: Error & { code: string }) => {
      assert.equal(error.code, 'object-unreadable');
      assert.ok(error.message.includes(name));
      assert.match(error.message, says);
      return true;
    });
  }
});

test('a file whose metadata does not say which ids it has is read', async (t) => {
  const { store, sink } = await landed(t, [[5, 6]]);
  const [[name, { bytes, metadata }]] = [...store.objects] as [
    [string, { bytes: Buffer; metadata: Readonly<Record<string, string>> }],
  ];
  store.objects.set(name, { bytes, metadata: { ...metadata, 'min-id': 'five' } });
  assert.deepEqual(await held(sink), [5, 6]);
});

test('rows of other topics do not count, and rows that somebody has copied there do', async (t) => {
  const { store, sink } = await landed(t, [IDS.slice(0, 10)]);
  const { bytes } = [...store.objects.values()][0]!;
  store.objects.set('log_scores-v2/dt=2025-11-13/x.avro', { bytes, metadata: {} });
  store.objects.set('log_scores-v1/dt=2025-11-13/notes.txt', { bytes, metadata: {} });
  assert.deepEqual(await held(sink), IDS.slice(0, 10));
  store.objects.set('log_scores-v1/dt=2025-11-13/copy.avro', { bytes, metadata: {} });
  assert.deepEqual(
    await held(sink),
    [...IDS.slice(0, 10), ...IDS.slice(0, 10)].sort((a, b) => a - b),
  );
});

test('an archiver’s files count up to what the group has left as it was, also where they overlap', async (t) => {
  const archive = new MemoryArchive();
  for (const ids of [
    [1, 2, 50],
    [10, 11, 90],
    [100, 101],
  ]) {
    const { name, bytes } = await archiverFile(rowsOf(ids));
    archive.files.set(name, bytes);
  }
  archive.files.set('readme.txt', Buffer.from('not the archiver’s'));
  const { sink } = await landed(t, [[3, 4]], archive);
  assert.deepEqual(await held(sink), [3, 4]);
  assert.deepEqual(await held(sink, { ...ALL, heldUpTo: 100 }), [1, 2, 3, 4, 10, 11, 50, 90, 100]);
  archive.reads.length = 0;
  assert.deepEqual(await held(sink, { from: 40, to: 95, heldUpTo: 101 }), [50, 90]);
  assert.equal(archive.reads.length, 2);
});
