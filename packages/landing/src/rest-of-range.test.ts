import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { IdSet } from './id-set.ts';
import type { Range } from './range.ts';
import { restOf } from './rest-of-range.ts';
import { FIRST_DAY_US, sampleRange, sampleRow } from './testing/index.ts';

/** Neighbours, others that are far away, and both ends of buckets. */
const id = fc.oneof(
  fc.nat(300),
  fc.integer({ min: 65_530, max: 65_545 }),
  fc.nat(2 ** 53 - 2),
  fc.constant(2 ** 53 - 2),
);
const idsInRange = fc.uniqueArray(id, { minLength: 1, maxLength: 80 });

async function datumsOf(range: Range): Promise<string[]> {
  const datums: string[] = [];
  for await (const chunk of range.chunks()) {
    let from = 0;
    for (const end of chunk.ends)
      datums.push(chunk.datums.subarray(from, (from = end)).toString('hex'));
  }
  return datums;
}

test('a set holds exactly what was added', () => {
  fc.assert(
    fc.property(fc.array(id), fc.array(id), (added, others) => {
      const set = new IdSet();
      for (const one of added) set.add(one);
      for (const one of [...added, ...others]) assert.equal(set.has(one), added.includes(one));
    }),
  );
});

test('the rest of a range is what a range of the rows that lack would be', async () => {
  await fc.assert(
    fc.asyncProperty(idsInRange, fc.func(fc.boolean()), async (ids, isThere) => {
      const set = new IdSet();
      const there = ids.filter((one) => isThere(one));
      for (const one of there) set.add(one);
      const name = { first: 7n, last: 7n + BigInt(ids.length) };
      const rowsOf = (some: readonly number[]) =>
        some.map((one) => sampleRow(one, { ts: FIRST_DAY_US + (one % 1000) }));
      const whole = sampleRange(rowsOf(ids), name);
      const { range, found, highest } = await restOf(whole, set);
      assert.deepEqual([found, highest], [there.length, Math.max(-1, ...there)]);
      const lacking = ids.filter((one) => !there.includes(one));
      if (lacking.length === 0) {
        assert.equal(range, null);
        return;
      }
      assert.ok(range);
      if (there.length === 0) assert.equal(range, whole);
      const alone = sampleRange(rowsOf(lacking), name);
      for (const key of [
        'identity',
        'topic',
        'partition',
        'first',
        'last',
        'rows',
        'byteLength',
        'crc',
        'minId',
        'maxId',
        'minTs',
        'maxTs',
        'schema',
      ] as const) {
        assert.equal(range[key], alone[key], key);
      }
      assert.deepEqual(await datumsOf(range), await datumsOf(alone));
      const loaded = await range.load();
      assert.deepEqual([...loaded.ids], lacking);
      assert.equal(loaded.identity, range.identity);
      assert.deepEqual(await datumsOf(loaded), await datumsOf(alone));
    }),
  );
});
