import assert from 'node:assert/strict';
import { test } from 'node:test';

import { imageText } from './image-text.ts';
import type { KeptText } from './kept-text.ts';
import { keptColumn } from './kept-types.ts';
import { MYSQL } from './mysql-types.ts';
import { valueWidth } from './value-layout.ts';
import { valueText } from './value-text.ts';

interface Kept {
  readonly type: number;
  readonly metadata?: Readonly<Record<string, number>>;
  readonly unsigned?: boolean;
  readonly charset?: string;
  readonly labels?: readonly string[];
}

function texts({ type, metadata = {}, unsigned = false, charset, labels }: Kept) {
  const column = { name: 'mood', type, unsigned, charset: charset ?? null };
  const kept = keptColumn(column, metadata, labels);
  assert.ok(kept);
  const width = valueWidth({ ...column, decimals: 0, lengthBytes: 0 });
  return {
    image: imageText({ ...column, kept }),
    value: valueText({ ...column, kind: kept.kind, width }),
  };
}

/** Between other bytes, as it is in a row; null for none. */
function written(text: KeptText, bytes: Buffer): string | null {
  const source = Buffer.concat([Buffer.from('<<'), bytes, Buffer.alloc(9, '>')]);
  const target = Buffer.alloc(3 + text.maxBytes(bytes.length) + 1, '#');
  const end = text.write(source, 2, bytes.length, target, 3);
  assert.equal(target.toString('latin1', 0, 3), '###');
  assert.equal(target.at(-1), 0x23, 'within what it said');
  return end < 0 ? null : target.toString('utf8', 3, end);
}

const SAME: readonly [what: string, kept: Kept, image: string, value: string, text: string][] = [
  ['tinyint', { type: MYSQL.TINY }, '80', '80', '-128'],
  ['tinyint unsigned', { type: MYSQL.TINY, unsigned: true }, '80', '80', '128'],
  ['smallint', { type: MYSQL.SHORT }, '0080', '0080', '-32768'],
  ['mediumint', { type: MYSQL.INT24 }, '000080', '000080ff', '-8388608'],
  ['mediumint unsigned', { type: MYSQL.INT24, unsigned: true }, 'ffffff', 'ffffff00', '16777215'],
  ['int', { type: MYSQL.LONG }, 'ffffffff', 'ffffffff', '-1'],
  ['int unsigned', { type: MYSQL.LONG, unsigned: true }, 'ffffffff', 'ffffffff', '4294967295'],
  [
    'bigint',
    { type: MYSQL.LONGLONG },
    '0000000000000080',
    '0000000000000080',
    '-9223372036854775808',
  ],
  [
    'bigint unsigned',
    { type: MYSQL.LONGLONG, unsigned: true },
    'ffffffffffffffff',
    'ffffffffffffffff',
    '18446744073709551615',
  ],
  ['float', { type: MYSQL.FLOAT, metadata: { size: 4 } }, 'cdcccc3d', 'cdcccc3d', '0.1'],
  [
    'double',
    { type: MYSQL.DOUBLE, metadata: { size: 8 } },
    '9a9999999999b93f',
    '9a9999999999b93f',
    '0.1',
  ],
  // The manual's own: 1234567890.1234 as decimal(14,4).
  [
    'decimal',
    { type: MYSQL.DECIMAL, metadata: { precision: 14, decimals: 4 } },
    '810dfb38d204d2',
    hexOf('1234567890.1234'),
    '1234567890.1234',
  ],
  [
    'decimal, negative',
    { type: MYSQL.DECIMAL, metadata: { precision: 14, decimals: 4 } },
    '7ef204c72dfb2d',
    hexOf('-1234567890.1234'),
    '-1234567890.1234',
  ],
  [
    'decimal, filled up',
    { type: MYSQL.DECIMAL, metadata: { precision: 5, decimals: 2 } },
    '800032',
    hexOf('000.50'),
    '0.50',
  ],
  ['bit', { type: MYSQL.BIT, metadata: { bits: 13 } }, '1005', '1005', '4101'],
  [
    'bit(64)',
    { type: MYSQL.BIT, metadata: { bits: 64 } },
    'ffffffffffffffff',
    'ffffffffffffffff',
    '18446744073709551615',
  ],
  ['date', { type: MYSQL.DATE }, 'ddd40f', 'ea07061d', '2026-06-29'],
  ['a zero date', { type: MYSQL.DATE }, '000000', '', '0000-00-00'],
  [
    'datetime(6)',
    { type: MYSQL.DATETIME2, metadata: { decimals: 6 } },
    '99ba3ec1c700000a',
    'ea07061f0c07070a000000',
    '2026-06-31 12:07:07.000010',
  ],
  ['a zero datetime', { type: MYSQL.DATETIME2 }, '8000000000', '', '0000-00-00 00:00:00'],
  ['timestamp', { type: MYSQL.TIMESTAMP2 }, '00000001', 'b2070101000001', '1970-01-01 00:00:01'],
  ['a zero timestamp', { type: MYSQL.TIMESTAMP2 }, '00000000', '', '0000-00-00 00:00:00'],
  ['time', { type: MYSQL.TIME2 }, '80c8b8', '00000000000c2238', '12:34:56'],
  ['zero time', { type: MYSQL.TIME2 }, '800000', '', '00:00:00'],
  ['the earliest time', { type: MYSQL.TIME2 }, '4b9105', '0122000000163b3b', '-838:59:59'],
  [
    'a time(3) before zero',
    { type: MYSQL.TIME2, metadata: { decimals: 3 } },
    '7fffffec78',
    '010000000000000020a10700',
    '-00:00:00.500000',
  ],
  ['year', { type: MYSQL.YEAR }, '7e', 'ea07', '2026'],
  ['the year 0', { type: MYSQL.YEAR }, '00', '0000', '0000'],
  ['varchar', { type: MYSQL.VARCHAR, charset: 'utf8mb4' }, hexOf('süß'), hexOf('süß'), 'süß'],
  ['latin1', { type: MYSQL.STRING, charset: 'latin1' }, '8081fc', '8081fc', '\u20ac\u0081ü'],
  ['blob', { type: MYSQL.BLOB, metadata: { length_size: 2 } }, '00ab0d', '00ab0d', '00AB0D'],
  [
    'enum',
    { type: MYSQL.ENUM, metadata: { size: 1 }, charset: 'utf8mb4', labels: ['a', 'ü'] },
    '02',
    hexOf('ü'),
    'ü',
  ],
  [
    'an enum of many',
    {
      type: MYSQL.ENUM,
      metadata: { size: 2 },
      charset: 'latin1',
      labels: Array.from({ length: 300 }, (_, i) => `v${i}`),
    },
    '2c01',
    hexOf('v299'),
    'v299',
  ],
  [
    'set',
    { type: MYSQL.SET, metadata: { size: 1 }, charset: 'utf8mb4', labels: ['a', 'b', 'c'] },
    '05',
    hexOf('a,c'),
    'a,c',
  ],
];

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

for (const [what, kept, image, value, text] of SAME) {
  test(`the text is the same from row image and SELECT: ${what}`, () => {
    const of = texts(kept);
    assert.equal(written(of.image, Buffer.from(image, 'hex')), text);
    assert.equal(written(of.value, Buffer.from(value, 'hex')), text);
  });
}

const UNREADABLE: readonly [what: string, kept: Kept, image: string][] = [
  ['no UTF-8', { type: MYSQL.VARCHAR, charset: 'utf8mb4' }, '61ff'],
  ['no ASCII', { type: MYSQL.VARCHAR, charset: 'ascii' }, '61ff'],
  [
    'no label',
    { type: MYSQL.ENUM, metadata: { size: 1 }, charset: 'utf8mb4', labels: ['a'] },
    '02',
  ],
  [
    'no label of a set',
    { type: MYSQL.SET, metadata: { size: 1 }, charset: 'utf8mb4', labels: ['a'] },
    '02',
  ],
  ['no digits', { type: MYSQL.DECIMAL, metadata: { precision: 2, decimals: 1 } }, 'ff01'],
  [
    'no digits behind the point',
    { type: MYSQL.DECIMAL, metadata: { precision: 2, decimals: 1 } },
    '810a',
  ],
  [
    'a fraction above a second',
    { type: MYSQL.DATETIME2, metadata: { decimals: 2 } },
    '8000000000ff',
  ],
  [
    'a fraction of a timestamp',
    { type: MYSQL.TIMESTAMP2, metadata: { decimals: 2 } },
    '00000001ff',
  ],
  ['a fraction of a time', { type: MYSQL.TIME2, metadata: { decimals: 2 } }, '80000064'],
];

for (const [what, kept, image] of UNREADABLE) {
  test(`what is no value of its type has no text: ${what}`, () => {
    assert.equal(written(texts(kept).image, Buffer.from(image, 'hex')), null);
  });
}

const NOT_KEPT: readonly [
  what: string,
  type: number,
  charset: string | null,
  labels?: readonly string[],
][] = [
  ['json', MYSQL.JSON, null],
  ['geometry', MYSQL.GEOMETRY, null],
  ['binary, which may be a uuid', MYSQL.STRING, null],
  ['text in another character set', MYSQL.BLOB, 'greek'],
  ['compressed text', MYSQL.BLOB_COMPRESSED, 'utf8mb4'],
  ['times of before 5.6', MYSQL.DATETIME, null],
  ['an enum without labels', MYSQL.ENUM, 'utf8mb4'],
  ['an enum whose labels are unclear', MYSQL.ENUM, 'latin1', ['a', '\ufffd']],
];

for (const [what, type, charset, labels] of NOT_KEPT) {
  test(`a column is not kept: ${what}`, () => {
    const metadata = { size: 1, max_length: 16, length_size: 2 };
    const column = { name: 'mood', type, unsigned: false, charset };
    assert.equal(keptColumn(column, metadata, labels), null);
  });
}
