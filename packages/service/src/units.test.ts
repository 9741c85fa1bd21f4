import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { parseByteSize, parseDuration } from './units.ts';

test('durations are read as Go reads them', () => {
  const cases: [text: string, ms: number | null][] = [
    ['0', 0],
    ['0ms', 0],
    ['500ms', 500],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['250us', 0.25],
    ['1ns', 0.000001],
    ['24h', 86_400_000],
    ['', null],
    ['10', null],
    ['10 m', null],
    ['10m ', null],
    ['m', null],
    ['.s', null],
    ['1d', null],
    ['-1s', null],
    ['+1s', null],
    ['1e3s', null],
    ['1..5s', null],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, JSON.stringify(text));
});

test('every whole duration that is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(59), fc.nat(59), fc.nat(999), (h, m, s, ms) => {
      assert.equal(parseDuration(`${h}h${m}m${s}s${ms}ms`), ((h * 60 + m) * 60 + s) * 1000 + ms);
    }),
  );
});

test('sizes count in 1000, and in 1024 where an i says so', () => {
  const cases: [text: string, bytes: number | null][] = [
    ['0', 0],
    ['4096', 4096],
    ['4096B', 4096],
    ['32MB', 32_000_000],
    ['32 mb', 32_000_000],
    ['32MiB', 33_554_432],
    ['1.5GB', 1_500_000_000],
    ['2TiB', 2 ** 41],
    ['0.1B', null],
    ['', null],
    ['MB', null],
    ['-1MB', null],
    ['1XB', null],
    ['1M', null],
    ['9007199254740993', null],
  ];
  for (const [text, bytes] of cases) assert.equal(parseByteSize(text), bytes, JSON.stringify(text));
});
