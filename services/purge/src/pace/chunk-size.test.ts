import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ChunkSize, LEAST_ROWS, MOST_ROWS, TARGET_MS } from './chunk-size.ts';

/** The size after chunks on a server that deletes so many rows a millisecond, beside a fixed cost. */
function settled(rowsPerMs: number, fixedMs: number, size = new ChunkSize()): number {
  for (let i = 0; i < 60; i++) size.took(size.rows, fixedMs + size.rows / rowsPerMs);
  return size.rows;
}

test('it settles where a chunk takes what it should', () => {
  for (const rowsPerMs of [2, 10, 50]) {
    const rows = settled(rowsPerMs, 5);
    const ms = 5 + rows / rowsPerMs;
    assert.ok(Math.abs(ms - TARGET_MS) < TARGET_MS * 0.05, `${rows} rows take ${ms} ms`);
  }
});

test('however quick or slow the server is, there are bounds', () => {
  assert.equal(settled(1_000_000, 0), MOST_ROWS);
  assert.equal(settled(0.001, 0), LEAST_ROWS);
  assert.equal(settled(1_000_000, 0, new ChunkSize(5_000)), 5_000);
  assert.equal(settled(0.001, 0, new ChunkSize(10)), 10);
});

test('it grows twofold at most, and falls at once', () => {
  const size = new ChunkSize();
  size.took(100, 1);
  assert.equal(size.rows, 200);
  for (let i = 0; i < 10; i++) size.took(size.rows, 1);
  assert.equal(size.rows, MOST_ROWS);
  size.took(MOST_ROWS, 20_000);
  assert.equal(size.rows, 200);
  size.collided();
  assert.equal(size.rows, LEAST_ROWS);
});

test('a chunk that was not full does not make the next one larger, but a slow one makes it smaller', () => {
  const size = new ChunkSize();
  size.took(3, 1);
  size.took(0, 0);
  assert.equal(size.rows, LEAST_ROWS);
  for (let i = 0; i < 4; i++) size.took(size.rows, 1);
  assert.equal(size.rows, 1_600);
  size.took(500, 1_000);
  assert.equal(size.rows, LEAST_ROWS);
});

test('whatever is measured, it is a whole number within its bounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300_000 }),
      fc.array(fc.tuple(fc.nat(30_000), fc.double({ min: 0, max: 1e7, noNaN: true }))),
      (most, chunks) => {
        const size = new ChunkSize(most);
        for (const [rows, ms] of chunks) {
          size.took(rows, ms);
          assert.ok(Number.isInteger(size.rows));
          assert.ok(size.rows >= 1 && size.rows <= Math.min(most, MOST_ROWS), `${size.rows}`);
        }
      },
    ),
  );
});
