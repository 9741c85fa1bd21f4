import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { AttributesText } from './attributes-text.ts';
import { parseAttributes } from './attributes.ts';
import { DatumText } from './datum-text.ts';
import { LOG_SCORE_V1, type TextField } from './log-score.ts';
import { attributesText, type LogScore, logScoreType } from './testing/log-score.ts';

const NAMES = LOG_SCORE_V1.fields.flatMap(({ name }) => (name === 'extra' ? [] : name));

const anyLong = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 });
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.json(),
  fc.constantFrom('{}', '{"leap":0}', '{"leap":1,"error":"a-\\u003eb"}', '{"error":"i/o timeout"}'),
);

const NO_ATTRIBUTES = {
  leap: null,
  stratum: null,
  no_response: null,
  error: null,
  warning: null,
  from_ls_id: null,
  from_ss_id: null,
  attributes: null,
  extra: {},
};

const anyScore: fc.Arbitrary<LogScore> = fc
  .record({
    id: anyLong,
    server_id: fc.nat(),
    monitor_id: fc.option(fc.nat()),
    ts: fc.integer({ min: -(2 ** 52), max: Number.MAX_SAFE_INTEGER - 1 }),
    score: fc.double({ noNaN: true }),
    step: fc.double({ noNaN: true }),
    offset: fc.option(fc.double({ noNaN: true })),
    rtt: fc.option(fc.integer()),
    text: fc.option(anyText),
    extra: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2, noNullPrototype: true }),
  })
  .map(({ text: original, ...columns }) => {
    if (original === null) return { ...NO_ATTRIBUTES, ...columns };
    const { text: attributes, ...typed } = parseAttributes(original);
    return { ...columns, ...typed, attributes };
  });

function expected(score: LogScore, name: TextField): string | null {
  if (name === 'attributes') return attributesText(score);
  const value = score[name];
  if (name !== 'ts' || value === null) return value === null ? null : String(value);
  const micros = BigInt(score.ts);
  const millis = (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n;
  const iso = new Date(Number(millis)).toISOString().replace('T', ' ').replace('Z', '');
  const rest = String(((micros % 1000n) + 1000n) % 1000n).padStart(3, '0');
  return `${iso}${rest}`.replace(/\.000000$/, '');
}

test('each field is the text that the row has there, whichever others are asked for', () => {
  fc.assert(
    fc.property(
      fc.array(anyScore, { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
      (scores, wanted) => {
        const text = new DatumText(wanted);
        const datums = scores.map((score) => logScoreType.toBuffer(score));
        const bytes = Buffer.concat([Buffer.from([7]), ...datums]);
        let at = 1;
        for (const [index, score] of scores.entries()) {
          text.read(bytes, at);
          assert.deepEqual(
            wanted.map((_name, nth) => text.text(nth)),
            wanted.map((name) => expected(score, name)),
          );
          at += datums[index]!.length;
        }
      },
    ),
  );
});

test('times are UTC, with the digits behind the second only where there are any', () => {
  const text = new DatumText(['ts', 'score']);
  const of = (ts: number, score: number): (string | null)[] => {
    const row = {
      id: 1,
      server_id: 1,
      monitor_id: null,
      ts,
      score,
      step: 1,
      offset: null,
      rtt: null,
    };
    const datum = logScoreType.toBuffer({ ...row, ...NO_ATTRIBUTES });
    text.read(datum, 0);
    return [text.text(0), text.text(1)];
  };
  assert.deepEqual(of(Date.UTC(2026, 0, 31, 12) * 1000, 20), ['2026-01-31 12:00:00', '20']);
  assert.deepEqual(of(Date.UTC(2026, 0, 31, 12) * 1000 + 5, -0.1), [
    '2026-01-31 12:00:00.000005',
    '-0.1',
  ]);
  assert.deepEqual(of(-1, 1e21), ['1969-12-31 23:59:59.999999', '1e+21']);
});

test('texts are remembered in bounded memory, and long ones are not', () => {
  const attributes = new AttributesText({ cacheBytes: 1_000 });
  const of = (text: string): string | null => {
    const { text: kept, ...typed } = parseAttributes(text);
    const row = { id: 1, server_id: 1, monitor_id: null, ts: 0, score: 1, step: 1 };
    const nulls = { offset: null, rtt: null };
    const datum = logScoreType.toBuffer({
      ...row,
      ...nulls,
      ...typed,
      attributes: kept,
      extra: {},
    });
    const none = logScoreType.toBuffer({ ...row, ...nulls, ...NO_ATTRIBUTES });
    return attributes.of(datum, none.length - 9);
  };
  for (let round = 0; round < 2; round++) {
    for (let leap = 0; leap < 40; leap++) {
      assert.equal(of(`{"leap":${leap}}`), `{"leap":${leap}}`);
      assert.ok(attributes.cachedBytes > 0 && attributes.cachedBytes <= 1_000);
    }
  }
  const before = attributes.cachedBytes;
  const long = JSON.stringify({ error: 'x'.repeat(5_000) });
  assert.equal(of(long), long);
  assert.equal(attributes.cachedBytes, before);
});
