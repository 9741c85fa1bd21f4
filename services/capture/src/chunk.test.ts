import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Chunk, CHUNK_BYTES } from './chunk.ts';

/** Of MySQL's `text`, in the character set whose letters may become three bytes, as field and as text. */
const LONGEST_TEXT = 2 * 3 * 65_535;

interface Row {
  readonly id: number;
  readonly bytes: number;
}

function chunkOf(rows: readonly Row[]): Chunk {
  const chunk = new Chunk();
  const { block } = chunk;
  for (const { id, bytes } of rows) {
    block.reserve(bytes);
    block.bytes.fill(id & 0xff, block.byteLength, block.byteLength + bytes);
    block.push(block.byteLength + bytes, id, id * 2, id * 3);
  }
  chunk.stamp(0, 0);
  for (const [row, { id }] of rows.entries()) chunk.times[row] = id * 4;
  return chunk;
}

function rowsOf({ block, times }: Chunk) {
  return Array.from({ length: block.rows }, (_, row) => ({
    id: block.ids[row],
    serverId: block.serverIds[row],
    timestampUs: block.timestampsUs[row],
    time: times[row],
    datum: block.bytes.toString('latin1', block.start(row), block.ends[row]),
  }));
}

test('rows that are taken out are gone with all that is known of them, and the others stay', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 200 }), fc.boolean()), { maxLength: 60 }),
      (shapes) => {
        const rows = shapes.map(([bytes], index) => ({ id: index + 1, bytes }));
        const chunk = chunkOf(rows);
        chunk.drop(shapes.flatMap(([, isDropped], row) => (isDropped ? [row] : [])));
        const kept = chunkOf(rows.filter((_, row) => !shapes[row]![1]));
        assert.deepEqual(rowsOf(chunk), rowsOf(kept));
        assert.equal(chunk.block.byteLength, kept.block.byteLength);
      },
    ),
  );
});

test('a chunk that is not full takes a row with the longest text without growing', () => {
  const chunk = new Chunk();
  const { block } = chunk;
  const { bytes } = block;
  block.push(CHUNK_BYTES - 1, 1, 1, 0);
  assert.equal(chunk.full, false);
  block.reserve(LONGEST_TEXT);
  assert.equal(block.bytes, bytes);
  block.push(CHUNK_BYTES, 2, 1, 0);
  assert.equal(chunk.full, true);
});
