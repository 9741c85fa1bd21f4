import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { RecordBatchMessage } from 'kafkajs';

import { RecordBatch } from '../record-batch.ts';
import { internal } from '../testing/kafka.ts';

interface Encoder {
  readonly buffer: Buffer;
  size(): number;
}
interface Request {
  readonly encode: () => Promise<Encoder>;
}
interface Produce {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly topicData: readonly object[];
}
const produce = internal('protocol/requests/produce/v7/request') as (options: Produce) => Request;
const createRequest = internal('protocol/request') as (options: {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: Request;
}) => Promise<Encoder>;

const HEADER = { producerId: 7n, producerEpoch: 1, firstSequence: 0, transactional: true };
const PARTITIONS = 4;
const RECORD_BYTES = 1_000;

function filledBatches(records: number): RecordBatch[] {
  const none = Buffer.alloc(0);
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const batch = new RecordBatch(partition);
    const value = Buffer.alloc(RECORD_BYTES, 1 + partition);
    for (let i = 0; i < records; i++) batch.append(none, none, value, 0, value.length, 0);
    return batch;
  });
}

function requestOf(batches: readonly RecordBatchMessage[]): Promise<Encoder> {
  const partitions = batches.map((messages) => ({
    partition: messages.partition,
    firstSequence: HEADER.firstSequence,
    messages,
  }));
  const request = produce({
    acks: -1,
    timeout: 30_000,
    transactionalId: 'tx',
    producerId: HEADER.producerId,
    producerEpoch: HEADER.producerEpoch,
    topicData: [{ topic: 'rows', partitions }],
  });
  return createRequest({ correlationId: 5, clientId: 'test', request });
}

/** Bytes of the buffers that are made, by whatever call, while `work` runs. */
async function allocated(t: TestContext, work: () => Promise<unknown>): Promise<number> {
  const calls = (['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const).map((name) =>
    t.mock.method(Buffer, name),
  );
  await work();
  t.mock.restoreAll();
  return calls.flatMap(({ mock }) => mock.calls).reduce((sum, call) => sum + call.arguments[0], 0);
}

// Upstream copies them from one encoder to the next, each grown to a power of two: 24 MB for 3.6 MB.
test('finished batches are copied once on their way into a request', async (t) => {
  const batches = filledBatches(900);
  const bytes = await allocated(t, () => requestOf(batches));
  const least = PARTITIONS * 900 * RECORD_BYTES;
  assert.ok(bytes >= least, 'they are in the request');
  assert.ok(bytes < 1.1 * least, `${bytes} bytes were allocated for ${least}`);
});

test('a request of finished batches is laid out as the protocol says', async () => {
  const batches = filledBatches(3);
  const request = await requestOf(batches);
  const int = (value: number, bytes: 2 | 4 = 4): Buffer => {
    const written = Buffer.alloc(bytes);
    written.writeIntBE(value, 0, bytes);
    return written;
  };
  const text = (value: string): Buffer => Buffer.concat([int(value.length, 2), Buffer.from(value)]);
  const body = Buffer.concat([
    int(0, 2), // Produce
    int(7, 2),
    int(5),
    text('test'),
    text('tx'),
    int(-1, 2),
    int(30_000),
    int(1),
    text('rows'),
    int(PARTITIONS),
    ...batches.flatMap((batch) => {
      const bytes = batch.recordBatch(HEADER);
      return [int(batch.partition), int(bytes.length), bytes];
    }),
  ]);
  assert.deepEqual(request.buffer, Buffer.concat([int(body.length), body]));
  assert.equal(request.size(), 4 + body.length);
});

test('a request stays as it is when its batches are filled anew', async () => {
  const batches = filledBatches(3);
  const request = await requestOf(batches);
  const first = batches[0]!.recordBatch(HEADER);
  const before = Buffer.from(first);
  first.fill(0xff);
  assert.ok(request.buffer.includes(before));
});
