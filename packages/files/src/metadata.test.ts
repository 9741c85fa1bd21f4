import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fileHeader, headerLength, headerMetadata } from './file-header.ts';
import { checkSame, type FileContent, type FilePlan, metadataOf } from './metadata.ts';

const PLAN: FilePlan = {
  range: {
    identity: 'u.log_scores-v1.3.17-942.0000abcd',
    topic: 'log_scores-v1',
    partition: 3,
    first: 17n,
    last: 942n,
    schema: '{"type":"record","name":"R","fields":[]}',
  },
  day: '2026-01-31',
  codec: 'null',
  blockRows: 50_000,
};
const CONTENT: FileContent = { rows: 900, minId: 5, maxId: 1200, crc: 0xabcdef, size: 5000 };
const OURS = { size: CONTENT.size, metadata: metadataOf(PLAN, CONTENT) };
const there = (metadata: Record<string, string> = {}, size = 5000) =>
  checkSame(OURS, { size, metadata: { ...OURS.metadata, ...metadata } });

test('the same rows are the same object, whatever its bytes are made with', () => {
  assert.equal(there(), null);
  assert.equal(there({ codec: 'deflate', size: '999' }, 999), null);
  assert.equal(there({ 'block-rows': '10', size: '5100' }, 5100), null);
});

for (const [key, value, said] of [
  ['rows', '899', 'rows there is 899, here 900'],
  ['crc32c', '00000000', 'crc32c there is 00000000, here 00abcdef'],
  ['identity', 'other', /identity there is other, here u\./],
  ['partition', '4', 'partition there is 4, here 3'],
  ['first', '16', 'first there is 16, here 17'],
  ['last', '943', 'last there is 943, here 942'],
  ['topic', 'x', 'topic there is x, here log_scores-v1'],
  ['schema-sha256', '00', /schema-sha256 there is 00, here [0-9a-f]{64}$/],
] as const) {
  test(`an object with another ${key} is another one`, () => {
    const difference = there({ [key]: value });
    if (typeof said === 'string') assert.equal(difference, said);
    else assert.match(difference ?? '', said);
  });
}

test('an object without metadata is another one', () => {
  const difference = checkSame(OURS, { size: 5000, metadata: {} });
  assert.match(difference ?? '', /identity there is not said, here u\..*; rows there is not said/);
});

test('an object that lacks bytes is found by its size', () => {
  assert.equal(there({}, 4999), 'it has 4999 bytes, and was made with 5000');
  assert.equal(
    there({ size: '4999' }, 4999),
    'it has 4999 bytes, here 5000 were made of the same rows',
  );
});

test('a header has the same length whatever the rows turn out to be, and says what they are', () => {
  const sync = Buffer.alloc(16, 7);
  const length = headerLength(PLAN, sync);
  const most = Number.MAX_SAFE_INTEGER;
  for (const content of [
    CONTENT,
    { rows: 1, minId: 0, maxId: 0, crc: 0, size: 1 },
    { rows: most, minId: most, maxId: most, crc: 0xffff_ffff, size: most },
  ]) {
    const metadata = metadataOf(PLAN, content);
    const header = fileHeader(PLAN, sync, metadata, length);
    assert.equal(header.length, length);
    assert.deepEqual(headerMetadata(Buffer.concat([header, Buffer.alloc(9)])), metadata);
  }
});

test('what is no header of ours has no metadata', () => {
  assert.deepEqual(headerMetadata(Buffer.from('Obj')), {});
  assert.deepEqual(headerMetadata(Buffer.alloc(100)), {});
});
