import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { AttributesEncoder } from './attributes-encoder.ts';
import { scanAttributes } from './attributes-scan.ts';
import { type ParsedAttributes, parseAttributes } from './attributes.ts';
import { LOG_SCORE_V1 } from './log-score.ts';
import { attributesText, decodeLogScore, type LogScore } from './testing/log-score.ts';

/** The fields before `leap`, of any row. */
const HEAD = Buffer.concat([Buffer.from([2, 2, 0, 2]), Buffer.alloc(16), Buffer.from([0, 0])]);

const NO_EXTRA = Buffer.from([0]);

function decodeTail(tail: Buffer): LogScore {
  return decodeLogScore(Buffer.concat([HEAD, tail, NO_EXTRA]));
}

function encode(encoder: AttributesEncoder, text: string): Buffer {
  const source = Buffer.from(text);
  const target = Buffer.alloc(encoder.maxBytes(source.length));
  const end = encoder.encode(source, 0, source.length, target, 0);
  assert.ok(end > 0 && end <= target.length);
  return target.subarray(0, end);
}

const canonical = fc
  .record(
    {
      leap: fc.integer({ min: 0, max: 256 }),
      stratum: fc.integer({ min: -1, max: 255 }),
      no_response: fc.boolean(),
      error: fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
      warning: fc.constantFrom('', 'a -> b & c <d>', '\t\b\f\n\r"\\/', '\u007f\u0000', '\u2028'),
      from_ls_id: fc.maxSafeNat(),
      from_ss_id: fc.constantFrom(0, 1, 2 ** 31, 2 ** 53 - 2, 2 ** 53 - 1),
    },
    { requiredKeys: [] },
  )
  .map((fields) =>
    JSON.stringify(fields).replace(
      /[<>&\u2028\u2029]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );

/** Canonical text with a few bytes changed: nearly right is what a short way gets wrong. */
const damaged = fc
  .tuple(
    canonical,
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.constantFrom(
      '',
      '0',
      '-',
      '"',
      '\\',
      ',',
      '}',
      ' ',
      'e1',
      '.0',
      '\u00e9',
      '"leap":1,',
      '\n',
      'u0041',
    ),
  )
  .map(([text, at, width, inserted]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + inserted + text.slice(start + width);
  })
  .filter((text) => !/\p{Surrogate}/u.test(text));

const anyText = fc.oneof(canonical, damaged, fc.json(), fc.string({ unit: 'binary' }));

test('whatever the text, the record gives it back byte for byte', () => {
  const encoder = new AttributesEncoder('utf8mb4');
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(attributesText(decodeTail(encode(encoder, text))), text);
    }),
    { numRuns: 5000 },
  );
});

test('the short way says exactly what the long way says', () => {
  let short = 0;
  fc.assert(
    fc.property(anyText, (text) => {
      const source = Buffer.from(text);
      const target = Buffer.alloc(256 + 2 * source.length);
      const end = scanAttributes(source, 0, source.length, target, 0);
      if (end < 0) return;
      short++;
      const score = decodeTail(target.subarray(0, end));
      const { text: kept, ...typed } = parseAttributes(text);
      assert.equal(kept, null);
      assert.equal(score.attributes, null);
      for (const [name, value] of Object.entries(typed)) {
        assert.equal(score[name as keyof LogScore], value, name);
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(short > 250, `only ${short} texts went the short way`);
});

/** Longer than what is remembered, and wrapped in what JSON passes over. */
const longText = fc
  .tuple(anyText, fc.constantFrom('', ' ', '\n\t', 'x', '\u00a0', '\ufeff', '{', '}'), fc.boolean())
  .map(([text, beside, isLong]) => beside + text + ' '.repeat(isLong ? 5000 : 0) + beside);

test('whatever way a text takes, the record says of it what parsing says', () => {
  const encoder = new AttributesEncoder('utf8mb4');
  fc.assert(
    fc.property(longText, (text) => {
      const score = decodeTail(encode(encoder, text));
      const { text: attributes, ...typed } = parseAttributes(text);
      for (const [name, value] of Object.entries({ ...typed, attributes })) {
        assert.ok(Object.is(score[name as keyof LogScore], value), `${name} of ${text}`);
      }
    }),
    { numRuns: 5000 },
  );
});

test('bytes that are no text of the column are refused, whatever way they would take', () => {
  const refused: readonly [charset: string, bytes: readonly number[]][] = [
    ['utf8mb4', [0x78, 0xff]],
    ['utf8mb4', [0x7b, 0xc3, 0x7d]],
    ['utf8mb3', [0xed, 0xa0, 0x80]],
    ['ascii', [0x78, 0xe9]],
    ['ascii', [0x7b, 0xe9, 0x7d]],
  ];
  for (const [charset, bytes] of refused) {
    const encoder = new AttributesEncoder(charset);
    for (const padding of [0, 5000]) {
      const source = Buffer.from([...Array.from({ length: padding }, () => 0x20), ...bytes]);
      const target = Buffer.alloc(encoder.maxBytes(source.length));
      assert.equal(
        encoder.encode(source, 0, source.length, target, 0),
        -1,
        `${charset} ${bytes.join(' ')}`,
      );
    }
  }
});

test('the same text of another character set is the same record', () => {
  const texts = [
    '',
    'x',
    'error 17',
    '{"leap": 1}',
    '{"error":"a"',
    `{"error": "${'-'.repeat(5000)}"}`,
  ];
  for (const text of texts) {
    const wanted = encode(new AttributesEncoder('utf8mb4'), text);
    for (const charset of ['utf8mb3', 'ascii', 'latin1']) {
      assert.deepEqual(encode(new AttributesEncoder(charset), text), wanted, `${charset} ${text}`);
    }
  }
  const source = Buffer.from('caf\u00e9 ', 'latin1');
  const encoder = new AttributesEncoder('latin1');
  const target = Buffer.alloc(encoder.maxBytes(source.length));
  const end = encoder.encode(source, 0, source.length, target, 0);
  assert.deepEqual(target.subarray(0, end), encode(new AttributesEncoder('utf8mb4'), 'caf\u00e9 '));
});

test('long texts take no memory outside of the heap', () => {
  const encoder = new AttributesEncoder('utf8mb4');
  const long = 'x'.repeat(60_000);
  for (const text of [long, `{"error":"${long}`, `{"error": "${long}"}`]) {
    const source = Buffer.from(text);
    const target = Buffer.alloc(encoder.maxBytes(source.length));
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let row = 0; row < 500; row++) {
      encoder.encode(source, 0, source.length, target, 0);
      if (row % 20 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    assert.ok(most < 1_000_000, `${most} bytes for ${text.slice(0, 10)}`);
  }
});

test('a text is the same beside other bytes, and twice, from the cache', () => {
  const encoder = new AttributesEncoder('utf8mb4');
  for (const text of ['{"leap":1}', '{"leap":1', 'x', '{"leap": 1}', '']) {
    const once = encode(encoder, text);
    const source = Buffer.from(`}"${text}"}`);
    const target = Buffer.alloc(512);
    const end = encoder.encode(source, 2, source.length - 2, target, 7);
    assert.deepEqual(target.subarray(7, end), once);
  }
});

test('the cache is bounded by bytes, whatever the texts', () => {
  const cacheBytes = 100_000;
  const encoder = new AttributesEncoder('utf8mb4', { cacheBytes });
  for (let i = 0; i < 5000; i++) {
    encode(encoder, `{"other":"${i} ${'x'.repeat(i % 7000)}"}`);
    assert.ok(encoder.cachedBytes <= cacheBytes);
  }
  assert.ok(encoder.cachedBytes > 0);
});

const CASES: readonly [text: string, typed: Partial<ParsedAttributes>, keepsText: boolean][] = [
  ['{"leap":1,"stratum":2}', { leap: 1, stratum: 2 }, false],
  ['{"no_response":true,"error":"a-\\u003eb"}', { no_response: true, error: 'a->b' }, false],
  ['{"leap":0}', { leap: 0 }, false],
  ['{"from_ls_id":9007199254740990}', { from_ls_id: 9007199254740990 }, false],
  ['{}', {}, true],
  ['null', {}, true],
  ['', {}, true],
  ['{"leap":1', {}, true],
  ['{"leap": 1}', { leap: 1 }, true],
  ['{"stratum":2,"leap":1}', { leap: 1, stratum: 2 }, true],
  ['{"leap":1,"leap":2}', { leap: 2 }, true],
  ['{"leap":1.0}', { leap: 1 }, true],
  ['{"leap":1e0}', { leap: 1 }, true],
  ['{"leap":-0}', { leap: 0 }, true],
  ['{"leap":01}', {}, true],
  ['{"leap":256}', {}, true],
  ['{"leap":-1}', {}, true],
  ['{"leap":1.5}', {}, true],
  ['{"leap":"1"}', {}, true],
  ['{"leap":null}', {}, true],
  ['{"from_ls_id":9007199254740991}', {}, true],
  ['{"from_ls_id":18446744073709551615}', {}, true],
  ['{"from_ls_id":1e300}', {}, true],
  ['{"error":"a->b"}', { error: 'a->b' }, true],
  ['{"error":"\\u003E"}', { error: '>' }, true],
  ['{"error":"\\u0061"}', { error: 'a' }, true],
  ['{"error":"\\/"}', { error: '/' }, true],
  ['{"error":"\\ud800"}', {}, true],
  ['{"error":"a\nb"}', {}, true],
  ['{"error":"\u007f"}', { error: '\u007f' }, false],
  ['{"error":17}', {}, true],
  ['{"leap":1,"zone":"eu"}', { leap: 1 }, true],
  ['{"__proto__":{"leap":1}}', {}, true],
  ['\ufeff{"leap":1}', {}, true],
];

for (const [text, typed, keepsText] of CASES) {
  test(`attributes ${JSON.stringify(text)}`, () => {
    const score = decodeTail(encode(new AttributesEncoder('utf8mb4'), text));
    const names = LOG_SCORE_V1.fields.slice(8, 15).map(({ name }) => name);
    for (const name of names) {
      const wanted = (typed as Record<string, unknown>)[name] ?? null;
      assert.ok(Object.is(score[name], wanted), `${name} is ${JSON.stringify(score[name])}`);
    }
    assert.equal(score.attributes, keepsText ? text : null);
  });
}
