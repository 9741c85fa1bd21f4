import { PermanentError } from '@scoreline/service';
import type { Batch, RawRecordBatch } from 'kafkajs';

/** What a fetch brought for one partition: record batches as they are in the log, less aborted ones and markers. */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for. */
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  readonly messages: readonly RawRecordBatch[];
  /** Of everything that came, markers and aborted records included. */
  lastOffset(): string;
  /** The membership that fetched it. */
  readonly memberId: string;
  readonly generationId: number;
}

/** kafkajs's batch of a consumer with `rawRecordBatches`. */
export function fetchedBatch(batch: Batch): FetchedBatch {
  const fetched = batch as unknown as FetchedBatch;
  const [first] = fetched.messages;
  if (first !== undefined && !Buffer.isBuffer(first.bytes)) {
    throw new PermanentError('the broker does not speak Fetch v11, so records came one by one', {
      code: 'broker-too-old',
      remedy: 'Use Kafka 2.3 or later.',
    });
  }
  return fetched;
}
