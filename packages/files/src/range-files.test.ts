import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';

import { crc32c } from '@scoreline/kafka';
import type { LoadedRange, Range } from '@scoreline/landing';
import { decodeRow, quiet, sampleRange, sampleRow } from '@scoreline/landing/testing';
import fc from 'fast-check';

import { codecOf } from './codec.ts';
import type { DatumBlock } from './datum-block.ts';
import { DayFiles, type DayFilesOptions } from './day-files.ts';
import { dayName, dayOf } from './days.ts';
import { nodeFiles } from './file-system.ts';
import type { NewObject } from './object-store.ts';
import { countedFiles, inPieces, readAvro, tempFolder } from './testing/index.ts';
import { WorkFolder } from './work-folder.ts';

const DAY_US = 86_400_000_000;

interface Made {
  readonly objects: readonly NewObject[];
  readonly bytes: readonly Buffer[];
}

async function maker(t: TestContext) {
  const folder = await tempFolder(t);
  const work = new WorkFolder(folder, { files: nodeFiles, log: quiet });
  await work.start();
  return async (range: Range, options: Partial<DayFilesOptions> = {}): Promise<Made> => {
    const days = new DayFiles(range, {
      work,
      codec: codecOf('null'),
      blockRows: 1000,
      files: nodeFiles,
      spares: [],
      ...options,
    });
    for await (const chunk of range.chunks()) await days.add(chunk);
    const objects = await days.finish();
    const bytes = await Promise.all(objects.map(({ path }) => readFile(path)));
    await days.discard();
    return { objects, bytes };
  };
}

/** What must be in the files, from the rows one by one. */
function expectedDays(range: LoadedRange): Map<number, Buffer[]> {
  const days = new Map<number, Buffer[]>();
  for (let i = 0; i < range.rows; i++) {
    const day = dayOf(range.timestampsUs[i]!);
    days.set(day, [...(days.get(day) ?? []), Buffer.from(range.datum(i))]);
  }
  return new Map([...days].sort(([a], [b]) => a - b));
}

async function checkFiles(range: LoadedRange, { objects, bytes }: Made): Promise<void> {
  const days = [...expectedDays(range)];
  const offsets = [range.first, range.last].map((at) => String(at).padStart(20, '0')).join('-');
  assert.deepEqual(
    objects.map(({ name }) => name),
    days.map(([day]) => `log_scores-v1/dt=${dayName(day)}/p0007-${offsets}.avro`),
  );
  for (const [i, [day, datums]] of days.entries()) {
    const object = objects[i]!;
    const { rows, metadata } = await readAvro(bytes[i]!);
    const expected = datums.map((datum) => decodeRow(datum));
    assert.deepEqual(rows, expected);
    assert.equal(object.size, bytes[i]!.length);
    assert.equal(object.crc32c, crc32c(bytes[i]!));
    const { crc32c: crc, 'schema-sha256': _schema, ...said } = object.metadata;
    assert.equal(Number.parseInt(crc!, 16), crc32c(Buffer.concat(datums)));
    assert.deepEqual(said, {
      layout: '1',
      identity: range.identity,
      topic: 'log_scores-v1',
      partition: '7',
      first: String(range.first),
      last: String(range.last),
      day: dayName(day),
      rows: String(rows.length),
      'min-id': String(Math.min(...expected.map(({ id }) => id))),
      'max-id': String(Math.max(...expected.map(({ id }) => id))),
      codec: 'null',
      'block-rows': object.metadata['block-rows'],
      size: String(object.size),
    });
    for (const [key, value] of Object.entries(object.metadata))
      assert.equal(metadata[`scoreline.${key}`], value);
  }
}

const rows = fc.array(
  fc.record({
    id: fc.nat(1_000_000),
    day: fc.integer({ min: 20_000, max: 20_003 }),
    us: fc.oneof(fc.constantFrom(0, DAY_US - 1), fc.nat(DAY_US - 1)),
    long: fc.nat(60),
  }),
  { minLength: 1, maxLength: 60 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });

test('every row is once in the file of its day, in order, under the range’s name', async (t) => {
  const make = await maker(t);
  const limits = fc.record({
    blockRows: fc.integer({ min: 1, max: 20 }),
    blockBytes: fc.integer({ min: 50, max: 2000 }),
    bufferBytes: fc.integer({ min: 50, max: 3000 }),
  });
  await fc.assert(
    fc.asyncProperty(rows, sizes, sizes, limits, async (some, a, b, options) => {
      const range = sampleRange(
        some.map(({ id, day, us, long }) =>
          sampleRow(id, { ts: day * DAY_US + us, error: 'x'.repeat(long * long) }),
        ),
        { first: 9_007_199_254_740_993n, partition: 7 },
      );
      const made = await make(inPieces(range, a), options);
      await checkFiles(range, made);
      // The same bytes, however the rows arrive.
      assert.deepEqual((await make(inPieces(range, b), options)).bytes, made.bytes);
    }),
    { numRuns: 60 },
  );
});

test('a block ends at its rows, or before its bytes are too many', async (t) => {
  const make = await maker(t);
  const day = (count: number, change = {}) =>
    sampleRange(
      Array.from({ length: count }, (_, i) => sampleRow(i + 1, { ts: i, ...change })),
      { partition: 7 },
    );
  const blocksOf = async (range: LoadedRange, options: Partial<DayFilesOptions>) => {
    const { bytes } = await make(range, options);
    return (await readAvro(bytes[0]!)).blocks;
  };
  assert.equal((await blocksOf(day(1000), { blockRows: 300 })).length, 4);
  const large = await blocksOf(day(20, { error: 'x'.repeat(100) }), { blockBytes: 1000 });
  assert.ok(large.every((size) => size <= 1000 && size > 800) || large.at(-1)! <= 800);
  assert.ok(large.length >= 3);
  const larger = await blocksOf(day(3, { error: 'x'.repeat(2000) }), { blockBytes: 1000 });
  assert.equal(larger.length, 3);
});

test('thousands of days are made with one file open at a time, and little memory', async (t) => {
  const make = await maker(t);
  const days = 2000;
  const range = sampleRange(
    Array.from({ length: 3 * days }, (_, i) => sampleRow(i + 1, { ts: (i % days) * DAY_US })),
    { partition: 7 },
  );
  const files = countedFiles();
  const { objects, bytes } = await make(range, { files, bufferBytes: 20_000 });
  assert.equal(objects.length, days);
  assert.equal(files.counts.most, 1);
  assert.equal(files.counts.open, 0);
  const { rows: found } = await readAvro(bytes[days - 1]!);
  assert.deepEqual(
    found.map(({ id }) => id),
    [days, 2 * days, 3 * days],
  );
});

test('blocks that other ranges have used leave nothing of them in a file', async (t) => {
  const make = await maker(t);
  const rows = Array.from({ length: 30 }, (_, i) => sampleRow(i + 1, { ts: (i % 3) * DAY_US }));
  const small = sampleRange(rows.slice(0, 4));
  const spares: DatumBlock[] = [];
  await make(sampleRange(rows), { spares });
  assert.equal(spares.length, 2);
  const used = [...spares];
  const [ours, fresh] = [await make(small, { spares }), await make(small)];
  assert.deepEqual(
    ours.objects.map(({ crc32c }) => crc32c),
    fresh.objects.map(({ crc32c }) => crc32c),
  );
  assert.deepEqual(ours.bytes, fresh.bytes);
  assert.deepEqual(new Set(spares), new Set(used));
});

test('rows that were not read back whole, or differ, make no files', async (t) => {
  const folder = await tempFolder(t);
  const work = new WorkFolder(folder, { files: nodeFiles, log: quiet });
  await work.start();
  const whole = sampleRange([sampleRow(1), sampleRow(2), sampleRow(3)]);
  const options = { work, codec: codecOf('null'), blockRows: 10, files: nodeFiles, spares: [] };
  const lacking = sampleRange([sampleRow(1), sampleRow(2)]);
  const other = sampleRange([sampleRow(1), sampleRow(2), sampleRow(3, { leap: 1 })]);
  for (const read of [lacking, other]) {
    const days = new DayFiles(whole, options);
    for await (const chunk of read.chunks()) await days.add(chunk);
    await assert.rejects(days.finish(), /were read back/);
    await days.discard();
  }
  assert.deepEqual(await readdir(`${folder}/${(await readdir(folder))[0]}`), []);
});
