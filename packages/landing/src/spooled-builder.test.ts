import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { LOG_SCORE_V1_JSON } from '@scoreline/schema';
import fc from 'fast-check';

import { RangeBuilder, viewOf } from './range-builder.ts';
import type { RangeFiller } from './range-filler.ts';
import type { Range } from './range.ts';
import { SpoolFile } from './spool-file.ts';
import { Spool } from './spool.ts';
import { SpooledBuilder } from './spooled-builder.ts';
import { encodeRow, quiet, sampleRow } from './testing/index.ts';
import { MemoryDisk } from './testing/memory-disk.ts';

const NAME = {
  ledgerUuid: 'u',
  topic: 't',
  partition: 3,
  first: 5n,
  last: 99n,
  schema: LOG_SCORE_V1_JSON,
};

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'scoreline-test-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

function spoolIn(where: string): Spool {
  return new Spool({ folder: where, budgetBytes: 1e9, log: quiet });
}

async function fill(filler: RangeFiller, datums: readonly Buffer[], firstId = 0): Promise<void> {
  for (const [i, datum] of datums.entries()) {
    while (filler.isFull) assert.ok(await filler.spill());
    filler.append(viewOf(datum), 0, datum.length, firstId + i * 3, 1e15 + i * 7);
  }
}

function inMemory(datums: readonly Buffer[]): Range {
  const builder = new RangeBuilder(1000);
  for (const [i, datum] of datums.entries()) {
    builder.append(viewOf(datum), 0, datum.length, i * 3, 1e15 + i * 7);
  }
  return builder.finish(NAME);
}

async function assertSame(spooled: Range, datums: readonly Buffer[]): Promise<void> {
  const expected = inMemory(datums);
  const { identity, rows, byteLength, minId, maxId, minTs, maxTs, first, last, schema } = spooled;
  assert.equal(identity, expected.identity);
  assert.deepEqual(
    { rows, byteLength, minId, maxId, minTs, maxTs, first, last, schema },
    {
      rows: expected.rows,
      byteLength: expected.byteLength,
      minId: expected.minId,
      maxId: expected.maxId,
      minTs: expected.minTs,
      maxTs: expected.maxTs,
      first: 5n,
      last: 99n,
      schema: LOG_SCORE_V1_JSON,
    },
  );
  let row = 0;
  for await (const chunk of spooled.chunks()) {
    assert.equal(chunk.ends.at(-1), chunk.datums.length);
    for (let i = 0; i < chunk.rows; i++, row++) {
      const from = i === 0 ? 0 : chunk.ends[i - 1];
      assert.ok(datums[row]!.equals(chunk.datums.subarray(from, chunk.ends[i])), `datum ${row}`);
      assert.equal(chunk.ids[i], row * 3);
      assert.equal(chunk.timestampsUs[i], 1e15 + row * 7);
    }
  }
  assert.equal(row, datums.length);
  const loaded = await spooled.load();
  assert.equal(loaded.identity, identity);
  assert.deepEqual(loaded.datum(row - 1), datums[row - 1]);
  assert.equal(loaded.ids[row - 1], (row - 1) * 3);
}

test('a spooled range is the range that memory would have, record for record, under the same identity', async (t) => {
  const where = await folder(t);
  const spool = spoolIn(where);
  const builder = new SpooledBuilder(spool, 20_000);
  const datums = Array.from({ length: 5000 }, (_, i) => encodeRow(sampleRow(i)));
  await fill(builder, datums);
  assert.ok(spool.usedBytes > 300_000);
  assert.equal(builder.spooledBytes, spool.usedBytes);
  assert.ok(builder.memoryBytes < 25_000);
  await assertSame(await builder.finish(NAME), datums);
  assert.deepEqual(await readdir(where), [], 'its file has no name');
  await builder.clear();
  assert.equal(spool.usedBytes, 0);
});

test('whatever the sizes of records and blocks, also in the same memory again', async () => {
  const lengths = fc.array(fc.oneof(fc.nat(300), fc.constant(20_000)), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 2000 }), async (sizes, blockBytes) => {
      const disk = new MemoryDisk();
      const spool = new Spool({
        folder: 'memory',
        budgetBytes: 1e9,
        log: quiet,
        open: () => disk.open(),
      });
      const builder = new SpooledBuilder(spool, blockBytes);
      for (const shift of [1, 2]) {
        const datums = sizes.map((size, i) => Buffer.alloc(size + 1, i * shift));
        await fill(builder, datums);
        await assertSame(await builder.finish(NAME), datums);
        await builder.clear();
        assert.deepEqual([builder.rows, builder.byteLength, builder.isFull], [0, 0, false]);
      }
      assert.deepEqual([spool.usedBytes, disk.openFiles], [0, 0]);
    }),
    { numRuns: 50 },
  );
});

test('a range of less than a block has no file', async () => {
  const disk = new MemoryDisk(0);
  const spool = new Spool({
    folder: 'memory',
    budgetBytes: 1e9,
    log: quiet,
    open: () => disk.open(),
  });
  const builder = new SpooledBuilder(spool, 1_000_000);
  const datums = [encodeRow(sampleRow(1))];
  await fill(builder, datums);
  await assertSame(await builder.finish(NAME), datums);
  assert.equal(disk.refusals, 0);
});

test('a full disk leaves a range as it was: it ends where it is, or goes on when there is space', async () => {
  const disk = new MemoryDisk(12_000);
  const spool = new Spool({
    folder: 'memory',
    budgetBytes: 1e9,
    log: quiet,
    open: () => disk.open(),
  });
  const datums = Array.from({ length: 600 }, (_, i) => encodeRow(sampleRow(i)));
  const builder = new SpooledBuilder(spool, 8000);
  let taken = 0;
  for (; !builder.isFull || (await builder.spill()); taken++) {
    const datum = datums[taken]!;
    builder.append(viewOf(datum), 0, datum.length, taken * 3, 1e15 + taken * 7);
  }
  assert.ok(taken > 100 && disk.refusals === 1);
  assert.match(spool.notReady() ?? '', /memory has been full for 0 s.*ENOSPC/);
  await assertSame(await builder.finish(NAME), datums.slice(0, taken));
  disk.capacityBytes = 1e9;
  assert.ok(await builder.spill());
  assert.equal(spool.notReady(), null);
  for (const [i, datum] of datums.slice(taken).entries()) {
    while (builder.isFull) assert.ok(await builder.spill());
    builder.append(viewOf(datum), 0, datum.length, (taken + i) * 3, 1e15 + (taken + i) * 7);
  }
  await assertSame(await builder.finish(NAME), datums);
});

for (const at of [100, 3000, 8500]) {
  test(`a file that does not give back what was written is not landed: byte ${at} of a block`, async (t) => {
    const where = await folder(t);
    let isBad = false;
    const spool = new Spool({
      folder: where,
      budgetBytes: 1e9,
      log: quiet,
      open: async (inFolder) => {
        const file = await SpoolFile.open(inFolder);
        return {
          get bytes() {
            return file.bytes;
          },
          append: (parts) => file.append(parts),
          read: async (target, position) => {
            await file.read(target, position);
            if (isBad) target[at]! ^= 1;
          },
          damaged: () => file.damaged(),
          close: () => file.close(),
        };
      },
    });
    const builder = new SpooledBuilder(spool, 10_000);
    const datums = Array.from({ length: 300 }, (_, i) => encodeRow(sampleRow(i)));
    await fill(builder, datums);
    const range = await builder.finish(NAME);
    await range.load();
    isBad = true;
    await assert.rejects(range.load(), { code: 'spool-damaged' });
    await builder.clear();
  });
}
