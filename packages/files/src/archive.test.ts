import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRow } from '@scoreline/landing/testing';

import { Archive } from './archive.ts';
import { archiverFile, MemoryArchive } from './testing/index.ts';

const SIGNAL = new AbortController().signal;

/** Files of ids that ascend, from file to file and within each. */
async function archived(...files: readonly (readonly number[])[]): Promise<MemoryArchive> {
  const archive = new MemoryArchive();
  for (const ids of files) {
    const { name, bytes } = await archiverFile(ids.map((id) => sampleRow(id)));
    archive.files.set(name, bytes);
  }
  return archive;
}

test('ids are known of the files that may have them, and no file is read twice', async () => {
  const source = await archived([1, 2, 4], [6, 8], [10, 11, 13], [20, 22], [30]);
  const archive = new Archive(source);
  const idsIn = async (minId: number, maxId: number) => {
    const there = await archive.idsFor({ minId, maxId }, 30, SIGNAL);
    return Array.from({ length: maxId - minId + 1 }, (_, i) => minId + i).filter((id) =>
      there.has(id),
    );
  };
  const [of1, of2] = await Promise.all([idsIn(11, 14), idsIn(12, 21)]);
  assert.deepEqual(
    [of1, of2],
    [
      [11, 13],
      [13, 20],
    ],
  );
  assert.deepEqual(
    source.reads.map((name) => Number(/-(\d+)/.exec(name)?.[1])).sort((a, b) => a - b),
    [6, 10, 20],
    'those, and the one before: it might overlap them',
  );
  assert.deepEqual(await idsIn(1, 30), [1, 2, 4, 6, 8, 10, 11, 13, 20, 22, 30]);
  assert.equal(source.reads.length, 5);
});

test('of a batch that was archived twice the longer file is read, though the shorter one begins above', async () => {
  // Between the first writing and the second, 102 was committed, and many behind 104.
  const source = await archived([1, 2, 100], [102, 103, 104, 500, 900], [103, 104], [1000]);
  const there = await new Archive(source).idsFor({ minId: 500, maxId: 600 }, 1000, SIGNAL);
  assert.ok(there.has(500));
  const before = await archived([1, 2, 100], [102, 103, 104, 500, 900], [103, 104]);
  assert.equal(await new Archive(before).highest(SIGNAL), 900);
});

test('the highest id is in the last files, of which some may be empty or begin anew', async () => {
  assert.equal(await new Archive(await archived()).highest(SIGNAL), null);
  const source = await archived([1, 50], [10, 90], [60, 61]);
  source.files.set('1-70.avro', (await archiverFile([])).bytes);
  source.files.set('notes.txt', Buffer.from('not the archiver’s'));
  assert.equal(await new Archive(source).highest(SIGNAL), 90);
  assert.equal(
    source.reads.length,
    4,
    'down to the first that ends before the one behind it begins',
  );
});

test('what the archiver adds beyond the bound is seen where a range reaches there', async () => {
  const source = await archived([1, 2]);
  const archive = new Archive(source);
  assert.equal(await archive.highest(SIGNAL), 2);
  const { name, bytes } = await archiverFile([sampleRow(3)]);
  source.files.set(name, bytes);
  const there = await archive.idsFor({ minId: 2, maxId: 5 }, 2, SIGNAL);
  assert.ok(there.has(3));
});

test('a file that could not be read is read again, and a wait that was aborted harms no other', async () => {
  const source = await archived([1, 2]);
  const archive = new Archive(source);
  const [name = ''] = source.files.keys();
  const bytes = source.files.get(name)!;
  source.files.set(name, bytes.subarray(0, -3));
  const of = { minId: 1, maxId: 2 };
  await assert.rejects(archive.idsFor(of, 2, SIGNAL), { code: 'archive-file-unreadable' });
  source.files.set(name, bytes);
  const aborted = archive.idsFor(of, 2, AbortSignal.abort(new Error('gone')));
  const there = archive.idsFor(of, 2, SIGNAL);
  await assert.rejects(aborted, /gone/);
  assert.ok((await there).has(2));
});
