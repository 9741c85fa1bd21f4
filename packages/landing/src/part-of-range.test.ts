import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PartOfRange } from './part-of-range.ts';
import type { Range } from './range.ts';
import { sampleRange, sampleRow } from './testing/index.ts';

const LEDGER = '9b2cf1e0-0000-4000-8000-000000000000';
/** 100 rows of 30 kB each are several pieces. */
const ROWS = Array.from({ length: 100 }, (_, i) =>
  sampleRow(1000 - i, { attributes: 'a'.repeat(30_000 + i) }),
);

function facts(range: Range) {
  const { identity, topic, partition, first, last, schema, rows, byteLength, crc } = range;
  const { minId, maxId, minTs, maxTs, oldestMs } = range;
  const name = { identity, topic, partition, first, last, schema };
  return { ...name, rows, byteLength, crc, minId, maxId, minTs, maxTs, oldestMs };
}

async function bytesOf(range: Range): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let rows = 0;
  for await (const { datums, ids, ends, timestampsUs, rows: count } of range.chunks()) {
    assert.deepEqual([ids.length, ends.length, timestampsUs.length], [count, count, count]);
    assert.equal(ends.at(-1), datums.length);
    rows += count;
    pieces.push(Buffer.from(datums));
  }
  assert.equal(rows, range.rows);
  return Buffer.concat(pieces);
}

for (const [from, to] of [
  [0, 1],
  [0, 57],
  [33, 34],
  [40, 99],
  [99, 100],
  [0, 100],
] as const) {
  test(`rows ${from} to ${to} of a range are what a range of these rows alone is`, async () => {
    const whole = sampleRange(ROWS, { first: 500n });
    const alone = sampleRange(ROWS.slice(from, to), { first: 500n + BigInt(from) });
    const { first, last } = alone;
    const part = await PartOfRange.of(whole, {
      from,
      to,
      name: { ledgerUuid: LEDGER, first, last },
    });
    assert.deepEqual(facts(part), facts(alone));
    assert.deepEqual(await bytesOf(part), await bytesOf(alone));
    const loaded = await part.load();
    assert.deepEqual(facts(loaded), facts(alone));
    assert.deepEqual(Buffer.concat(loaded.container()), Buffer.concat(alone.container()));
    assert.deepEqual([loaded.ids, loaded.timestampsUs], [alone.ids, alone.timestampsUs]);
    const rest = await PartOfRange.of(part, {
      from: part.rows - 1,
      to: part.rows,
      name: { ledgerUuid: LEDGER, first: last, last },
    });
    assert.deepEqual(facts(rest), facts(sampleRange(ROWS.slice(to - 1, to), { first: last })));
    assert.deepEqual(await bytesOf(rest), alone.datum(alone.rows - 1));
  });
}
