import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { writeLong } from './avro-write.ts';
import { LOG_SCORE_V1 } from './log-score.ts';
import { logScoreType } from './testing/log-score.ts';
import { DatumError, DatumWalker } from './walk-datum.ts';

const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const long = fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 2 });
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 30 });

const anyScore = fc.record({
  id: fc.integer({ min: 0, max: 2 ** 53 - 2 }),
  server_id: long,
  monitor_id: nullable(long),
  ts: long,
  score: fc.double(),
  step: fc.double(),
  offset: nullable(fc.double()),
  rtt: nullable(int),
  leap: nullable(int),
  stratum: nullable(int),
  no_response: nullable(fc.boolean()),
  error: nullable(text),
  warning: nullable(text),
  from_ls_id: nullable(long),
  from_ss_id: nullable(long),
  attributes: nullable(text),
  extra: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
});

const walker = new DatumWalker();

test('it finds in every datum what avsc wrote, between other bytes', () => {
  fc.assert(
    fc.property(anyScore, fc.nat({ max: 9 }), (score, before) => {
      const datum = logScoreType.toBuffer(score);
      const bytes = Buffer.concat([Buffer.alloc(before, 255), datum, Buffer.alloc(9, 255)]);
      walker.walk(bytes, before, before + datum.length);
      assert.deepEqual(
        [walker.id, walker.serverId, walker.timestampUs],
        [score.id, score.server_id, score.ts],
      );
      const none = logScoreType.toBuffer({ ...score, extra: {} });
      assert.equal(walker.extraAt, before + none.length - 1);
    }),
    { numRuns: 2000 },
  );
});

test('a datum that is cut, or followed by anything, is refused', () => {
  fc.assert(
    fc.property(anyScore, (score) => {
      const datum = logScoreType.toBuffer(score);
      for (let end = 0; end < datum.length; end++) {
        assert.throws(() => walker.walk(datum, 0, end), DatumError);
      }
      const longer = Buffer.concat([datum, Buffer.alloc(1)]);
      assert.throws(() => walker.walk(longer, 0, longer.length), /bytes too many/);
    }),
    { numRuns: 300 },
  );
});

test('whatever it accepts, avsc decodes, and to the same values', () => {
  fc.assert(
    fc.property(anyScore, fc.nat(), fc.integer({ min: 1, max: 255 }), (score, where, change) => {
      const bytes = logScoreType.toBuffer(score);
      bytes[where % bytes.length]! ^= change;
      try {
        walker.walk(bytes, 0, bytes.length);
      } catch (error) {
        assert.ok(error instanceof DatumError);
        return;
      }
      const decoded = isExactInAvsc(walker) ? decodedByAvsc(bytes) : null;
      if (decoded === null) return;
      assert.deepEqual([decoded.id, decoded.ts], [walker.id, walker.timestampUs]);
    }),
    { numRuns: 5000 },
  );
});

function isExactInAvsc({ id, serverId, timestampUs }: DatumWalker): boolean {
  return [id, serverId, timestampUs].every((n) => n >= -(2 ** 52) && n <= 2 ** 53 - 2);
}

/** Null where a long, of whichever field, is one that avsc does not read: at the ends of what is safe. */
function decodedByAvsc(bytes: Buffer): { readonly id: number; readonly ts: number } | null {
  try {
    return logScoreType.fromBuffer(bytes) as { id: number; ts: number };
  } catch (error) {
    if ((error as Error).message === 'potential precision loss') return null;
    throw error;
  }
}

/** Long by long, in BigInt: what avsc cannot do at the ends of the range. */
function readLong(bytes: Uint8Array): bigint {
  let value = 0n;
  bytes.forEach((byte, index) => (value |= BigInt(byte & 127) << BigInt(7 * index)));
  return (value >> 1n) ^ -(value & 1n);
}

/** A datum in pieces, by field, of which one is replaced. */
const WHOLE: Readonly<Record<string, readonly number[]>> = {
  id: [2],
  server_id: [2],
  monitor_id: [0],
  ts: [2],
  score: [0, 0, 0, 0, 0, 0, 0, 0],
  step: [0, 0, 0, 0, 0, 0, 0, 0],
  ...Object.fromEntries(LOG_SCORE_V1.fields.slice(6).map(({ name }) => [name, [0]])),
};

function datumWith(changed: Readonly<Record<string, readonly number[]>>): Buffer {
  return Buffer.from(Object.values({ ...WHOLE, ...changed }).flat());
}

const EDGES = [0, 63, 64, 2 ** 27, 2 ** 28, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1]
  .flatMap((n) => [n - 1, n, n + 1])
  .flatMap((n) => [n, -n])
  .filter((n) => Number.isSafeInteger(n));

test('every safe integer is written and walked exactly', () => {
  const bytes = Buffer.alloc(16);
  const check = (value: number): void => {
    const end = writeLong(bytes, 0, value);
    assert.equal(readLong(bytes.subarray(0, end)), BigInt(value));
    const long = [...bytes.subarray(0, end)];
    const datum = datumWith({ server_id: long, ts: long });
    walker.walk(datum, 0, datum.length);
    assert.deepEqual([walker.serverId, walker.timestampUs], [value, value]);
  };
  for (const value of EDGES) check(value + 0);
  fc.assert(fc.property(fc.maxSafeInteger(), check), { numRuns: 5000 });
});

const MALFORMED: readonly [field: string, bytes: readonly number[], RegExp][] = [
  ['id', [1], /id: -1 is negative/],
  ['id', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20], /id: beyond 2\^53/],
  ['server_id', [...Array.from({ length: 10 }, () => 0x80), 0], /server_id: more than 64 bits/],
  ['monitor_id', [1], /monitor_id: no such union branch/],
  ['offset', [4, 0, 0, 0, 0, 0, 0, 0, 0], /offset: no such union branch/],
  ['rtt', [2, 0x80, 0x80, 0x80, 0x80, 0x10], /rtt: not 32 bits/],
  ['leap', [2, 0x80, 0x80, 0x80, 0x80, 0x80, 0], /leap: not 32 bits/],
  ['no_response', [2, 2], /no_response: no boolean/],
  ['error', [2, 1], /error: length -1/],
  ['warning', [2, 0x7e], /warning: cut off/],
  ['attributes', [2, 0xfe, 0xff, 0xff, 0xff, 0x0f], /attributes: cut off/],
  ['extra', [2], /extra: cut off/],
  ['extra', [2, 2, 0x61, 2, 0x62], /extra: cut off/],
  ['extra', [2, 1, 0, 0], /extra: length -1/],
  ['extra', [1, 6, 2, 0x61, 2, 0x62, 0], /extra: a block of 4 bytes, not 3/],
];

test('a map may come in blocks, with and without their bytes', () => {
  const datum = datumWith({ extra: [2, 2, 0x61, 2, 0x62, 1, 8, 2, 0x63, 2, 0x64, 0] });
  walker.walk(datum, 0, datum.length);
  assert.equal(datum.length - walker.extraAt, 12);
});

for (const [field, bytes, message] of MALFORMED) {
  test(`${field} as ${Buffer.from(bytes).toString('hex')} is refused`, () => {
    const whole = datumWith({});
    walker.walk(whole, 0, whole.length);
    const damaged = datumWith({ [field]: bytes });
    assert.throws(() => walker.walk(damaged, 0, damaged.length), message);
  });
}
