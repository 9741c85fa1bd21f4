import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RecordBatch } from '../record-batch.ts';
import { internal } from '../testing/kafka.ts';

type Decode = (decoder: object) => Promise<readonly { value: Buffer }[]>;
const decode = internal('protocol/requests/fetch/v4/decodeMessages') as Decode;
const Decoder = internal('protocol/decoder') as new (bytes: Buffer) => object;

// Upstream pushes all records of a batch as arguments of one call.
test('a batch of 200,000 records does not overflow the stack', async () => {
  const batch = new RecordBatch(0, 4_000_000);
  const value = Buffer.from('v');
  const none = Buffer.alloc(0);
  for (let i = 0; i < 200_000; i++) batch.append(none, none, value, 0, 1, 0);
  assert.equal(batch.length, 200_000);
  const header = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };
  const bytes = batch.recordBatch(header);
  const many = Buffer.alloc(4 + bytes.length);
  many.writeInt32BE(bytes.length);
  bytes.copy(many, 4);
  assert.equal((await decode(new Decoder(many))).length, batch.length);
});
