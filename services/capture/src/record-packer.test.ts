import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  BATCH_HEADER_BYTES,
  DEFAULT_BATCH_BYTES,
  partitionFor,
  type RecordBatch,
  RecordCursor,
} from '@scoreline/kafka';
import { wireHeader } from '@scoreline/schema';

import { Chunk } from './chunk.ts';
import { RecordPacker } from './record-packer.ts';

function chunkOf(rows: number, bytes: number, firstId: number): Chunk {
  const chunk = new Chunk();
  for (let i = 0; i < rows; i++) {
    const { block } = chunk;
    block.reserve(bytes);
    block.bytes.fill(0, block.byteLength, block.byteLength + bytes);
    block.bytes.writeUInt32BE(firstId + i, block.byteLength);
    block.push(block.byteLength + bytes, firstId + i, (firstId + i) % 97, 0);
  }
  chunk.stamp(0, 1_760_000_000_000);
  return chunk;
}

/** The ids in a finished batch: of each record, the four bytes behind the wire header. */
function idsIn(bytes: Buffer, header: Buffer): number[] {
  const ids: number[] = [];
  for (let at = bytes.indexOf(header, 61); at >= 0; at = bytes.indexOf(header, at + 9)) {
    ids.push(bytes.readUInt32BE(at + header.length));
  }
  return ids;
}

function keysIn(batch: RecordBatch): string[] {
  const bytes = batch.recordBatch({
    producerId: 1,
    producerEpoch: 0,
    firstSequence: 0,
    transactional: true,
  });
  const cursor = new RecordCursor();
  cursor.open({
    bytes: bytes.subarray(BATCH_HEADER_BYTES),
    count: batch.length,
    timestamp: '0',
    attributes: 0,
  });
  const keys: string[] = [];
  while (cursor.next()) {
    keys.push(cursor.bytes.toString('latin1', cursor.keyStart, cursor.keyStart + cursor.keyLength));
  }
  return keys;
}

test('every row is in the batch of its key, once, and in order; no batch is too large', () => {
  const header = wireHeader(0x7f123456);
  const packer = new RecordPacker(6, header);
  const chunks = [chunkOf(9_000, 110, 1), chunkOf(1, 110, 9_001), chunkOf(12_000, 400, 9_002)];
  packer.begin(chunks);
  const byPartition = new Map<number, number[]>();
  let requests = 0;
  for (let batches = packer.next(); batches.length > 0; batches = packer.next()) {
    requests++;
    for (const batch of batches) {
      assert.ok(batch.byteLength <= DEFAULT_BATCH_BYTES);
      const bytes = batch.recordBatch({
        producerId: 1,
        producerEpoch: 0,
        firstSequence: 0,
        transactional: true,
      });
      const ids = idsIn(bytes, header);
      assert.equal(ids.length, batch.length);
      byPartition.set(batch.partition, [...(byPartition.get(batch.partition) ?? []), ...ids]);
    }
  }
  assert.ok(requests > 1, 'a batch was full');
  for (const [partition, ids] of byPartition) {
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    assert.ok(ids.every((id) => partitionFor(Buffer.from(String(id % 97)), 6) === partition));
  }
  const all = [...byPartition.values()].flat().toSorted((a, b) => a - b);
  assert.deepEqual(
    all,
    Array.from({ length: 21_001 }, (_, i) => i + 1),
  );
  assert.deepEqual(packer.next(), []);
});

test('server ids near and far are keys as they are written, at first and again', () => {
  const serverIds = [0, 65_535, 65_536, 4_294_967_295, 65_537, -1];
  const chunk = new Chunk();
  for (const [i, serverId] of [...serverIds, ...serverIds].entries()) {
    chunk.block.reserve(1);
    chunk.block.push(chunk.block.byteLength + 1, i, serverId, 0);
  }
  chunk.stamp(0, 0);
  const packer = new RecordPacker(1, wireHeader(1));
  packer.begin([chunk]);
  const keys = keysIn(packer.next()[0]!);
  assert.deepEqual(keys, [...serverIds, ...serverIds].map(String));
});

test('a row larger than any batch goes alone', () => {
  const packer = new RecordPacker(1, wireHeader(1));
  packer.begin([chunkOf(1, 100, 1), chunkOf(1, 1_500_000, 2), chunkOf(1, 100, 3)]);
  const sizes: number[] = [];
  for (let batches = packer.next(); batches.length > 0; batches = packer.next()) {
    sizes.push(batches[0]!.length);
  }
  assert.deepEqual(sizes, [1, 1, 1]);
});
