import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';

import { crc32c } from './crc32c.ts';
import { BATCH_HEADER_BYTES, RecordBatch } from './record-batch.ts';
import { internal } from './testing/kafka.ts';

interface DecodedBatch {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly records: readonly KafkaMessage[];
}
const decode = internal('protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<DecodedBatch>;
const Decoder = internal('protocol/decoder') as new (bytes: Buffer) => object;

const HEADER = {
  producerId: 2 ** 40 + 7,
  producerEpoch: 12,
  firstSequence: 2 ** 31 - 3,
  transactional: true,
};
const NONE = Buffer.alloc(0);

const records = fc.array(
  fc.record({
    key: fc.uint8Array({ maxLength: 200 }),
    prefix: fc.uint8Array({ maxLength: 8 }),
    value: fc.uint8Array({ maxLength: 300 }),
    timestampMs: fc.integer({ min: 0, max: 2 ** 48 }),
  }),
  { minLength: 1, maxLength: 80 },
);

test("what is appended is what kafkajs's own decoder reads", async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.nat({ max: 5 }), async (rows, padding) => {
      const batch = new RecordBatch(0, 200_000);
      for (const { key, prefix, value, timestampMs } of rows) {
        const source = Buffer.concat([Buffer.alloc(padding), value, Buffer.alloc(padding)]);
        const to = padding + value.length;
        assert.ok(batch.append(key, prefix, source, padding, to, timestampMs));
      }
      const bytes = batch.recordBatch(HEADER);
      assert.equal(bytes.length, batch.byteLength);
      assert.equal(bytes.readUInt32BE(17), crc32c(bytes, 21));
      const decoded = await decode(new Decoder(Buffer.from(bytes)));
      const times = rows.map(({ timestampMs }) => timestampMs);
      assert.deepEqual(
        { ...decoded, records: decoded.records.length },
        {
          ...decoded,
          firstOffset: '0',
          lastOffsetDelta: rows.length - 1,
          firstTimestamp: String(times[0]),
          maxTimestamp: String(Math.max(...times)),
          producerId: String(HEADER.producerId),
          producerEpoch: HEADER.producerEpoch,
          firstSequence: HEADER.firstSequence,
          inTransaction: true,
          records: rows.length,
        },
      );
      for (const [index, { key, prefix, value, timestampMs }] of rows.entries()) {
        const record = decoded.records[index]!;
        assert.equal(record.offset, String(index));
        assert.equal(record.timestamp, String(timestampMs));
        assert.deepEqual(record.key, Buffer.from(key));
        assert.deepEqual(record.value, Buffer.concat([prefix, value]));
      }
    }),
  );
});

// X11: upstream sorts them as text.
test('the latest time in the header is the largest number', () => {
  const batch = new RecordBatch(0, 1000);
  for (const timestampMs of [200, 1_000, 300]) batch.append(NONE, NONE, NONE, 0, 0, timestampMs);
  assert.equal(batch.recordBatch(HEADER).readBigInt64BE(35), 1_000n);
});

test('a full batch refuses a record, and is as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 3000 }), fc.nat({ max: 300 }), (capacity, size) => {
      const batch = new RecordBatch(0, capacity);
      const value = Buffer.alloc(size);
      let count = 0;
      while (batch.append(NONE, NONE, value, 0, size, 1)) count++;
      if (count > 1) assert.ok(batch.byteLength <= capacity);
      assert.equal(batch.length, count);
      const before = Buffer.from(batch.recordBatch(HEADER));
      assert.equal(batch.append(NONE, NONE, value, 0, size, 1), false);
      assert.deepEqual(batch.recordBatch(HEADER), before);
    }),
  );
});

test('one record larger than the capacity is taken alone, and later batches are not larger for it', () => {
  const batch = new RecordBatch(0, 1000);
  const large = Buffer.alloc(5000);
  const small = Buffer.alloc(100);
  for (let round = 0; round < 3; round++) {
    assert.ok(batch.append(NONE, NONE, large, 0, large.length, 1));
    assert.equal(batch.append(NONE, NONE, small, 0, small.length, 1), false);
    assert.ok(batch.recordBatch(HEADER).length > large.length);
    batch.clear();
    while (batch.append(NONE, NONE, small, 0, small.length, 1));
    assert.ok(batch.byteLength <= 1000, `${batch.byteLength} bytes`);
    batch.clear();
    assert.equal(batch.length, 0);
    assert.equal(batch.byteLength, BATCH_HEADER_BYTES);
  }
});

test('a batch without records is not sent', () => {
  assert.throws(() => new RecordBatch(0).recordBatch(HEADER), /without records/);
});
