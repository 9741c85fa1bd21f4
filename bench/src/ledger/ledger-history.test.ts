import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Bucket, BUCKET_IDS, CapturedIds, decodeEntry } from '@scoreline/ledger';

import { ledgerDigest, ledgerHistory } from './ledger-history.ts';

/** The last value of each key, as a reader has it. */
function read(history: Iterable<readonly { key: Buffer; value: Buffer }[]>) {
  const buckets = new Map<number, Bucket>();
  let records = 0;
  for (const { key, value } of [...history].flat()) {
    records++;
    const entry = decodeEntry(key, value, 'test');
    if (entry.kind === 'bucket') buckets.set(entry.bucket.number, entry.bucket);
  }
  return { captured: new CapturedIds(buckets.values()), records };
}

test('what is read of the history is the set that wrote it, with so many ids and with holes', () => {
  const ids = 40 * BUCKET_IDS;
  const written = new CapturedIds();
  const { captured, records } = read(ledgerHistory(written, ids));
  assert.equal(captured.count, ids);
  assert.equal(ledgerDigest(captured), ledgerDigest(written));
  const lacking = (number: number): number =>
    BUCKET_IDS - (captured.buckets.get(number)?.captured.count ?? 0);
  assert.equal(lacking(2), 0);
  assert.ok(lacking(5) > 500 && lacking(5) < 800, `${lacking(5)} holes of 655`);
  assert.ok(lacking(11) > 32_000 && lacking(11) < 33_500, `${lacking(11)} holes of 32,768`);
  assert.ok(records >= 24_000 + 40, 'ten minutes of transactions are not compacted yet');
});

test('sets that differ in one id, or in an offset, have different digests', () => {
  const digests = [7, 8].flatMap((id) =>
    [1, 2].map((end) => {
      const captured = new CapturedIds();
      captured.add(id);
      captured.wrote(0, 'log_scores-v1', 0, 0, end);
      return ledgerDigest(captured);
    }),
  );
  assert.equal(new Set(digests).size, 4);
});
