import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import type { Range, RangeChunk } from '@scoreline/landing';
import { sampleRange, sampleRow, type SampleRow } from '@scoreline/landing/testing';
import avsc from 'avsc';

import { container, loadBody } from './load-body.ts';

const ROWS = Array.from({ length: 40_000 }, (_, i) => sampleRow(i + 1));

/** The row as it was sampled: pairs are a map there. */
function sampleOf(row: Readonly<Record<string, unknown>>): SampleRow {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    Array.isArray(value)
      ? Object.fromEntries((value as { key: string; value: string }[]).map((p) => [p.key, p.value]))
      : value,
  ]);
  return Object.fromEntries(values) as SampleRow;
}

test('a range becomes one container of several blocks, row for row', async () => {
  const range = sampleRange(ROWS);
  const decoder = new avsc.streams.BlockDecoder();
  const rows: SampleRow[] = [];
  for await (const row of Readable.from(container(range)).pipe(decoder)) {
    rows.push(sampleOf(row as Readonly<Record<string, unknown>>));
  }
  assert.deepEqual(rows, ROWS);
  const sizes: number[] = [];
  for await (const piece of container(range)) sizes.push(piece.length);
  assert.ok(sizes.length > 3);
  assert.ok(Math.max(...sizes) < 1_100_000);
});

test('a piece that was given away is not changed when its chunk’s memory is used again', async () => {
  const range = sampleRange(ROWS);
  const memory = Buffer.alloc(2_000_000);
  const reusing: Range = Object.assign(Object.create(range) as Range, {
    identity: range.identity,
    schema: range.schema,
    async *chunks(): AsyncGenerator<RangeChunk> {
      for await (const chunk of range.chunks()) {
        memory.fill(0);
        chunk.datums.copy(memory);
        yield { ...chunk, datums: memory.subarray(0, chunk.datums.length) };
      }
      memory.fill(0);
    },
  });
  const all = async (of: Range) => {
    const pieces: Buffer[] = [];
    for await (const piece of container(of)) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  assert.ok((await all(reusing)).equals(await all(range)));
});

test('the body says what to do, then has the rows', async () => {
  const range = sampleRange(ROWS.slice(0, 3));
  const { contentType, parts } = loadBody({ jobReference: { jobId: 'j' } }, range);
  const pieces: Buffer[] = [];
  for await (const piece of parts) pieces.push(piece);
  const boundary = /^multipart\/related; boundary=(.+)$/.exec(contentType)?.[1] ?? '';
  const [before, json, rows, after] = Buffer.concat(pieces)
    .toString('latin1')
    .split(`--${boundary}`);
  assert.equal(before, '');
  assert.match(json ?? '', /\r\n\r\n\{"jobReference":\{"jobId":"j"\}\}\r\n$/);
  assert.ok(rows?.includes('\r\n\r\nObj\u0001'));
  assert.equal(after, '--\r\n');
});
