import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';
import type { KafkaMessage, RawRecordBatch } from 'kafkajs';

import { LONG_AGO_MS, finished, walkOne } from './testing/batches.ts';
import { internal } from './testing/kafka.ts';
import { RecordCursor, verifyBatch } from './walk.ts';

interface Decoded {
  readonly records: readonly KafkaMessage[];
}
const decode = internal('protocol/recordBatch/v0/decoder') as (
  decoder: object,
  options?: { rawRecordBatches: boolean },
) => Promise<Decoded>;
const Decoder = internal('protocol/decoder') as new (bytes: Buffer) => object;
interface Encoded {
  readonly buffer: Buffer;
}
const encodeBatch = (
  internal('protocol/recordBatch/v0') as {
    RecordBatch: (options: object) => Promise<Encoded>;
  }
).RecordBatch;
const encodeRecord = internal('protocol/recordBatch/record/v0') as (options: object) => Encoded;

const HEADER = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

async function raw(bytes: Buffer): Promise<RawRecordBatch> {
  const { records } = await decode(new Decoder(bytes), { rawRecordBatches: true });
  return records[0] as unknown as RawRecordBatch;
}

const maybe = fc.option(fc.string({ maxLength: 200, unit: 'binary-ascii' }), { nil: null });
const records = fc.array(
  fc.record({
    // Compaction leaves gaps between offsets.
    gap: fc.integer({ min: 1, max: 100_000 }),
    timestampDelta: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    key: maybe,
    value: maybe,
    headers: fc.dictionary(
      fc.string({ minLength: 1, unit: 'binary-ascii' }),
      fc.string({ unit: 'binary-ascii' }),
      {
        maxKeys: 3,
      },
    ),
  }),
  { minLength: 1, maxLength: 40 },
);

test("walking finds the records that kafkajs's own decoder finds, whoever encoded them", async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.constantFrom(0, 1), async (rows, compression) => {
      let offsetDelta = -1;
      const encoded = rows.map(({ gap, ...row }) => {
        offsetDelta += gap;
        return encodeRecord({ ...row, offsetDelta });
      });
      const { buffer } = await encodeBatch({
        compression,
        firstTimestamp: LONG_AGO_MS,
        maxTimestamp: LONG_AGO_MS,
        partition: 0,
        lastOffsetDelta: offsetDelta,
        records: encoded,
      });
      const { records: expected } = await decode(new Decoder(Buffer.from(buffer)));
      assert.deepEqual(
        walkOne(await raw(Buffer.from(buffer))),
        expected.map(({ offset, key, value, timestamp }) => ({
          offset: BigInt(offset),
          key: key && key.toString('latin1'),
          value: value && value.toString('latin1'),
          timestampMs: Number(timestamp),
        })),
      );
    }),
  );
});

test('a flipped bit anywhere behind the checksum is found, and the error says where', async () => {
  const bytes = Buffer.from(finished(0, ['one', 'two', 'three']).recordBatch(HEADER));
  bytes.writeBigInt64BE(4000n);
  for (let at = 61; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0x10;
    const batch = await raw(damaged);
    assert.throws(() => verifyBatch(batch, { topic: 'rows', partition: 3 }), {
      code: 'batch-corrupt',
      message: /rows\[3\] offsets 4000 to 4002 has CRC32C [0-9a-f]{8}, its header says [0-9a-f]{8}/,
    });
  }
  verifyBatch(await raw(bytes), { topic: 'rows', partition: 3 });
});

test('walking bytes of any kind ends or throws, and never reads beyond them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 9 }), (some, count) => {
      const bytes = Buffer.from(some);
      const cursor = new RecordCursor();
      cursor.open({ bytes, count, timestamp: '0', attributes: 0 });
      try {
        for (let i = 0; cursor.next(); i++) {
          assert.ok(i < count);
          assert.ok(cursor.keyStart + cursor.keyLength <= bytes.length);
          assert.ok(cursor.valueStart + cursor.valueLength <= bytes.length);
        }
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('a batch whose records are cut short, or followed by others, is not walked to its end', async () => {
  const whole = await raw(Buffer.from(finished(0, ['one', 'two']).recordBatch(HEADER)));
  for (const changed of [
    { ...whole, bytes: whole.bytes.subarray(0, -1) },
    { ...whole, bytes: Buffer.concat([whole.bytes, Buffer.alloc(1)]) },
    { ...whole, count: 1 },
    { ...whole, count: 3 },
  ]) {
    const cursor = new RecordCursor();
    cursor.open(changed);
    assert.throws(() => {
      while (cursor.next());
    }, RangeError);
  }
});

test('a batch without records has nothing to walk', () => {
  const cursor = new RecordCursor();
  cursor.open({ bytes: Buffer.alloc(0), count: 0, timestamp: '0', attributes: 0 });
  assert.equal(cursor.next(), false);
});
