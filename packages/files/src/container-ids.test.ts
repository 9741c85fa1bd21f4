import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRow } from '@scoreline/landing/testing';

import { containerIds, Unreadable } from './container-ids.ts';
import { archiverFile } from './testing/index.ts';

const ROWS = Array.from({ length: 3000 }, (_, i) => sampleRow(i + 1));
const asItIs = (_: string, block: Buffer) => block;

/** As a store reads a file, which it has open meanwhile. */
function opened(bytes: Buffer) {
  const file = { isOpen: false };
  async function* read(): AsyncGenerator<Buffer, void> {
    file.isOpen = true;
    try {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    } finally {
      file.isOpen = false;
    }
  }
  return { file, parts: read() };
}

test('a file that is not read to its end is closed, too', async () => {
  const { bytes } = await archiverFile(ROWS);
  const left = opened(bytes);
  for await (const { ids } of containerIds(left.parts, asItIs)) {
    assert.ok(ids.length < ROWS.length);
    assert.ok(left.file.isOpen);
    break;
  }
  assert.equal(left.file.isOpen, false);

  const damaged = opened(Buffer.from(bytes).fill(0, 0, 4));
  const read = async () => {
    for await (const _block of containerIds(damaged.parts, asItIs)) assert.fail('it has no rows');
  };
  await assert.rejects(read, Unreadable);
  assert.equal(damaged.file.isOpen, false);
});
