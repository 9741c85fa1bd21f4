import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { crc32c } from '@scoreline/kafka';

import { objectBytes } from './object-bytes.ts';

const SIGNAL = new AbortController().signal;

async function writtenFile(t: TestContext, bytes: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'object-bytes-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'one.avro');
  await writeFile(path, bytes);
  return { path, size: bytes.length, crc32c: crc32c(bytes) };
}

async function piecesUntilEnd(pieces: AsyncIterable<Buffer>, given: Buffer[]): Promise<void> {
  for await (const piece of pieces) given.push(piece);
}

for (const size of [0, 1, 4095, 4096, 4097, 10_000]) {
  test(`${size} bytes come in pieces of 4096, as they are`, async (t) => {
    const bytes = randomBytes(size);
    const given: Buffer[] = [];
    await piecesUntilEnd(objectBytes(await writtenFile(t, bytes), 4096, SIGNAL), given);
    assert.deepEqual(Buffer.concat(given), bytes);
    assert.ok(given.slice(0, -1).every((piece) => piece.length === 4096));
  });
}

test('of a file that was changed the last piece is not given away', async (t) => {
  const file = await writtenFile(t, randomBytes(10_000));
  await writeFile(file.path, randomBytes(10_000));
  const given: Buffer[] = [];
  await assert.rejects(piecesUntilEnd(objectBytes(file, 4096, SIGNAL), given), {
    code: 'local-file-changed',
    message: /CRC32C/,
  });
  assert.equal(given.length, 2);
});

test('of a file that was cut off nothing is given away', async (t) => {
  const file = await writtenFile(t, randomBytes(10_000));
  await truncate(file.path, 9_999);
  const given: Buffer[] = [];
  await assert.rejects(piecesUntilEnd(objectBytes(file, 4096, SIGNAL), given), {
    code: 'local-file-changed',
    message: /9999 bytes, not 10000/,
  });
  assert.equal(given.length, 0);
});

test('a disk that hangs is not waited for when the signal is aborted', async (t) => {
  const file = await writtenFile(t, randomBytes(100));
  await rm(file.path);
  // To open it waits for a writer.
  assert.equal(spawnSync('mkfifo', [file.path]).status, 0);
  const abort = new AbortController();
  const pieces = piecesUntilEnd(objectBytes(file, 4096, abort.signal), []);
  abort.abort(new Error('not ours any more'));
  await assert.rejects(pieces, /not ours any more/);
  await (await open(file.path, constants.O_RDWR | constants.O_NONBLOCK)).close();
});
