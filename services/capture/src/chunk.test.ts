import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Chunk, CHUNK_BYTES } from './chunk.ts';

/** Of MySQL's `text`, in the character set whose letters may become three bytes, as field and as text. */
const LONGEST_TEXT = 2 * 3 * 65_535;

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
