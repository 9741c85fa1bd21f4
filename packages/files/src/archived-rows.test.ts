import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRow } from '@scoreline/landing/testing';
import fc from 'fast-check';

import { archivedIds } from './archived-rows.ts';
import { archiverFile } from './testing/index.ts';

const IDS = Array.from({ length: 300 }, (_, i) => i * 3 + (i > 150 ? 2 ** 40 : 1));
const ROWS = IDS.map((id) => sampleRow(id, { ts: 1_763_000_000_000_000 + (id % 1000) }));

async function* inParts(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer, void> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function idsOf(
  bytes: Buffer,
  lengths: readonly number[] = [1000],
  firstId = 1,
): Promise<number[]> {
  const ids: number[] = [];
  const file = { name: `1-${firstId}.avro`, firstId };
  for await (const some of archivedIds(file, inParts(bytes, lengths))) ids.push(...some);
  return ids;
}

const unreadable = { action: 'stop', code: 'archive-file-unreadable' };

test('the ids of the archiver’s rows, in whatever parts a file comes', async () => {
  const { bytes } = await archiverFile(ROWS);
  const lengths = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(lengths, async (all) => assert.deepEqual(await idsOf(bytes, all), IDS)),
    { numRuns: 20 },
  );
});

test('a file without rows has no ids', async () => {
  assert.deepEqual(await idsOf((await archiverFile([])).bytes), []);
});

test('a file that ends too early stops, unless it ends with a block', async () => {
  const { bytes } = await archiverFile(ROWS);
  let whole = 0;
  for (let length = 1; length < bytes.length; length += 7) {
    try {
      const ids = await idsOf(bytes.subarray(0, length));
      assert.deepEqual(ids, IDS.slice(0, ids.length));
      whole++;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'archive-file-unreadable', String(error));
    }
  }
  assert.ok(whole < 10, `${whole} cuts were taken for the end`);
});

test('what is not understood stops', async () => {
  const { bytes } = await archiverFile(ROWS);
  const changed = (from: string, to: string) => {
    assert.equal(from.length, to.length);
    const at = bytes.indexOf(from);
    assert.ok(at > 0);
    const other = Buffer.from(bytes);
    other.write(to, at);
    return other;
  };
  const wrong = [
    Buffer.from('no Avro at all, and longer than a magic'),
    Buffer.alloc(0),
    changed('"name":"id"', '"name":"no"'),
    changed('"type":"long"', '"type":"text"'),
    changed('"type":"long"', '"type":"null"'),
    changed('"type":"record"', '"type":"r3cord"'),
    (await archiverFile(ROWS, { codec: 'deflate' })).bytes,
  ];
  for (const other of wrong) await assert.rejects(idsOf(other), unreadable);
  await assert.rejects(idsOf(bytes, [1000], 2), {
    ...unreadable,
    message: /2\.avro .*the id 1 is below/,
  });
  // The last block's marker, and the length of a text or a number in the midst of it.
  for (const back of [3, 60, 400]) {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, damaged.length - back, damaged.length - back + 3);
    await assert.rejects(idsOf(damaged), unreadable);
  }
});

test('whatever ends the reading, the file is let go', async () => {
  // More than is read for the header.
  const { bytes } = await archiverFile(Array.from({ length: 4_000 }, (_, i) => sampleRow(i + 1)));
  assert.ok(bytes.length > 100_000);
  const damaged = Buffer.from(bytes);
  damaged.fill(0xff, 2_500, 2_600);
  const file = { name: '1-1.avro', firstId: 1 };
  let open = 0;
  const opened = async function* (of: Buffer) {
    open++;
    try {
      yield* inParts(of, [1000]);
    } finally {
      open--;
    }
  };
  const reading = async (of: Buffer, isEnough: boolean) => {
    for await (const ids of archivedIds(file, opened(of))) if (isEnough && ids.length > 0) break;
  };
  await reading(bytes, false);
  await reading(bytes, true);
  await assert.rejects(reading(damaged, false), unreadable);
  await assert.rejects(reading(Buffer.from('no Avro'), false), unreadable);
  assert.equal(open, 0);
});
