import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { murmur2, partitionFor } from './partition.ts';

interface Vector {
  readonly keyHex: string;
  readonly murmur2: number;
  readonly partitions: Readonly<Record<string, number>>;
}

const file = new URL('../vectors/partitions.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

test("keys go where Kafka's Java client puts them", () => {
  assert.ok(vectors.length > 100);
  for (const vector of vectors) {
    const key = Buffer.from(vector.keyHex, 'hex');
    assert.equal(murmur2(key), vector.murmur2, vector.keyHex);
    for (const [count, partition] of Object.entries(vector.partitions)) {
      assert.equal(partitionFor(key, Number(count)), partition, `${vector.keyHex} of ${count}`);
    }
  }
});

test('a key may be text', () => {
  assert.equal(partitionFor('12345', 12), partitionFor(Buffer.from('12345'), 12));
});
