import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PermanentError } from '@scoreline/service';
import fc from 'fast-check';

import {
  type CommitMetadata,
  formatCommitMetadata,
  MAX_IN_FLIGHT,
  METADATA_MAX_BYTES,
  parseCommitMetadata,
} from './commit-metadata.ts';

const LANDED = {
  first: 5n,
  last: 9n,
  rows: 5,
  minId: 100,
  maxId: 104,
  minTs: 1_763_000_000_000_000,
  maxTs: 1_763_000_000_000_004,
  crc: 0xffff_ffff,
  at: 1_763_000_000_123,
};

const EXAMPLE: CommitMetadata = { since: 0n, dest: 'uuid', pending: [19n, 29n], landed: LANDED };

const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
const count = fc.nat();
const metadata = fc.record({
  since: offset,
  dest: fc.string({ minLength: 1, maxLength: 512 }),
  pending: fc
    .uniqueArray(offset, { maxLength: 20 })
    .map((all) => all.toSorted((a, b) => (a < b ? -1 : 1))),
  landed: fc.option(
    fc.record({
      first: offset,
      last: offset,
      rows: count,
      minId: fc.maxSafeInteger(),
      maxId: fc.maxSafeInteger(),
      minTs: fc.maxSafeInteger(),
      maxTs: fc.maxSafeInteger(),
      crc: count,
      at: count,
    }),
  ),
});
const quarantined = fc.record({
  count: fc.integer({ min: 1, max: 1_000_000 }),
  first: offset,
  last: offset,
});
const extras = fc.record({ quarantined, heldUpTo: fc.maxSafeNat() }, { requiredKeys: [] });

test('what is written into a commit is read back as it was', () => {
  fc.assert(
    fc.property(metadata, extras, (common, extra) => {
      const written: CommitMetadata = { ...common, ...extra };
      let text: string;
      try {
        text = formatCommitMetadata(written);
      } catch (error) {
        // Control characters take six bytes each in JSON.
        assert.ok(error instanceof PermanentError && error.code === 'commit-metadata-too-large');
        return;
      }
      assert.deepEqual(parseCommitMetadata(text, 'x'), structuredClone(written));
    }),
  );
});

test('the format is fixed: other versions and other services read it', () => {
  assert.equal(
    formatCommitMetadata(EXAMPLE),
    '{"v":1,"since":"0","dest":"uuid","pending":["19","29"],"landed":{"first":"5","last":"9","rows":5,"minId":100,"maxId":104,"minTs":1763000000000000,"maxTs":1763000000000004,"crc":4294967295,"at":1763000000123}}',
  );
});

test('records in quarantine are said in a version that older readers do not take', () => {
  const quarantined = { count: 2, first: 5n, last: 9n };
  const text = formatCommitMetadata({ ...EXAMPLE, landed: null, quarantined });
  assert.equal(
    text,
    '{"v":2,"since":"0","dest":"uuid","pending":["19","29"],"landed":null,"quarantined":{"count":2,"first":"5","last":"9"}}',
  );
  assert.deepEqual(parseCommitMetadata(text, 'x').quarantined, quarantined);
});

test('rows that others have left are said in a version that older readers do not take', () => {
  const beside = { ...EXAMPLE, landed: null, heldUpTo: 2 ** 53 - 1 };
  const text = formatCommitMetadata(beside);
  assert.equal(
    text,
    '{"v":3,"since":"0","dest":"uuid","pending":["19","29"],"landed":null,"heldUpTo":9007199254740991}',
  );
  assert.deepEqual(parseCommitMetadata(text, 'x'), beside);
  const both = { ...beside, quarantined: { count: 2, first: 5n, last: 9n } };
  assert.deepEqual(parseCommitMetadata(formatCommitMetadata(both), 'x'), both);
});

test('what else an object holds does not get into the commit', () => {
  const wider = { ...EXAMPLE, committed: 10n };
  assert.equal(formatCommitMetadata(wider), formatCommitMetadata(EXAMPLE));
});

test('sixteen pending ranges and a long fingerprint fit into what brokers take', () => {
  const pending = Array.from({ length: 16 }, (_, i) => 2n ** 62n + BigInt(i));
  const text = formatCommitMetadata({ ...EXAMPLE, pending, dest: 'd'.repeat(512) });
  assert.ok(Buffer.byteLength(text) < METADATA_MAX_BYTES / 2, `${text.length}`);
});

test('as many ranges as may be in flight fit into what brokers take', () => {
  const pending = Array.from({ length: MAX_IN_FLIGHT }, (_, i) => 2n ** 62n + BigInt(i));
  // One more while the range before a record that cannot land is its own.
  pending.push(2n ** 62n + BigInt(MAX_IN_FLIGHT));
  const quarantined = { count: 1_000_000, first: 2n ** 62n, last: 2n ** 62n };
  const heldUpTo = Number.MAX_SAFE_INTEGER;
  const metadata = { ...EXAMPLE, dest: 'x'.repeat(512), pending, quarantined, heldUpTo };
  assert.ok(formatCommitMetadata(metadata).length < METADATA_MAX_BYTES - 1024);
});

test('more than brokers take is refused before it is sent', () => {
  const pending = Array.from({ length: 300 }, (_, i) => 2n ** 62n + BigInt(i));
  assert.throws(() => formatCommitMetadata({ ...EXAMPLE, pending }), {
    code: 'commit-metadata-too-large',
  });
});

const valid = JSON.parse(formatCommitMetadata(EXAMPLE)) as Record<string, unknown>;
const landed = valid['landed'] as Record<string, unknown>;
const QUARANTINED = { count: 1, first: '5', last: '5' };
const WRONG: Record<string, string> = {
  'not JSON': 'landed 0-9',
  'no object': '7',
  'another version': JSON.stringify({ ...valid, v: 4 }),
  'a version with rows of others, without': JSON.stringify({ ...valid, v: 3 }),
  'rows of others in a version without': JSON.stringify({ ...valid, heldUpTo: 7 }),
  'rows of others up to no id': JSON.stringify({ ...valid, v: 3, heldUpTo: -1 }),
  'quarantined in a version without': JSON.stringify({ ...valid, quarantined: QUARANTINED }),
  'a version with quarantined, without': JSON.stringify({ ...valid, v: 2 }),
  'nothing that is quarantined': JSON.stringify({
    ...valid,
    v: 2,
    quarantined: { ...QUARANTINED, count: 0 },
  }),
  'no version': JSON.stringify({ ...valid, v: undefined }),
  'a field too many': JSON.stringify({ ...valid, epoch: 1 }),
  'a field too few': JSON.stringify({ ...valid, since: undefined }),
  'an offset as a number': JSON.stringify({ ...valid, since: 0 }),
  'a negative offset': JSON.stringify({ ...valid, since: '-1' }),
  'no fingerprint': JSON.stringify({ ...valid, dest: '' }),
  'pending out of order': JSON.stringify({ ...valid, pending: ['29', '19'] }),
  'pending twice': JSON.stringify({ ...valid, pending: ['19', '19'] }),
  'landed without its crc': JSON.stringify({ ...valid, landed: { ...landed, crc: undefined } }),
  'landed with a fraction': JSON.stringify({ ...valid, landed: { ...landed, rows: 1.5 } }),
};

for (const [name, text] of Object.entries(WRONG)) {
  test(`metadata that is not understood stops: ${name}`, () => {
    assert.throws(
      () => parseCommitMetadata(text, 'log_scores-v1[3] of group g'),
      (error) =>
        error instanceof PermanentError &&
        error.code === 'commit-metadata-unknown' &&
        error.message.includes('log_scores-v1[3] of group g') &&
        error.message.includes(text),
    );
  });
}
