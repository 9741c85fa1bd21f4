import type { KafkaMessage, RawRecordBatch } from 'kafkajs';

import { RecordBatch } from '../record-batch.ts';
import { RecordCursor, verifyBatch } from '../walk.ts';

/** When the records of tests were made: old enough for any retention. */
export const LONG_AGO_MS = 1_763_000_000_000;

/** A finished batch of one record for each value. */
export function finished(
  partition: number,
  values: readonly string[],
  timestampMs = (index: number) => LONG_AGO_MS + index,
): RecordBatch {
  const batch = new RecordBatch(partition);
  for (const [index, value] of values.entries()) {
    const bytes = Buffer.from(value);
    batch.append(Buffer.from('key'), NOTHING, bytes, 0, bytes.length, timestampMs(index));
  }
  return batch;
}

const NOTHING = Buffer.alloc(0);

export interface WalkedRecord {
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
}

/** The records of raw batches, each batch checked. */
export function walkAll(messages: readonly KafkaMessage[]): WalkedRecord[] {
  return messages.flatMap((message) => walkOne(rawBatch(message)));
}

/** What a consumer with `rawRecordBatches` is shown. */
export function rawBatch(message: KafkaMessage): RawRecordBatch {
  const raw = message as unknown as RawRecordBatch;
  if (!Buffer.isBuffer(raw.bytes)) throw new Error('a record was delivered, not a record batch');
  return raw;
}

export function walkOne(raw: RawRecordBatch): WalkedRecord[] {
  verifyBatch(raw, { topic: 'test', partition: 0 });
  const cursor = new RecordCursor();
  cursor.open(raw);
  const records: WalkedRecord[] = [];
  while (cursor.next()) {
    const { bytes, keyStart, keyLength, valueStart, valueLength } = cursor;
    records.push({
      offset: BigInt(raw.firstOffset) + BigInt(cursor.offsetDelta),
      key: keyLength < 0 ? null : bytes.toString('latin1', keyStart, keyStart + keyLength),
      value:
        valueLength < 0 ? null : bytes.toString('latin1', valueStart, valueStart + valueLength),
      timestampMs: cursor.timestampMs,
    });
  }
  return records;
}

/** Notes the headers that the producer asks a batch to carry. */
export function spied(batch: RecordBatch) {
  const headers: Parameters<RecordBatch['recordBatch']>[0][] = [];
  const original = batch.recordBatch.bind(batch);
  batch.recordBatch = (header) => {
    headers.push(header);
    return original(header);
  };
  return { batch, headers };
}
