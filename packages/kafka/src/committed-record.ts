import type { KafkaMessage, RawRecordBatch } from 'kafkajs';

import { walkBatch } from './walk-batch.ts';
import { type BatchOrigin, RecordCursor } from './walk.ts';

/** A record that was read; its key and value are views of the whole answer. */
export type CommittedRecord = Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'timestamp'>;

/**
 * The records of fetched batches from an offset on, each batch's CRC32C checked.
 *
 * @throws PermanentError `batch-corrupt`.
 */
export function committedRecords(
  batches: readonly RawRecordBatch[],
  origin: BatchOrigin,
  from: bigint,
): CommittedRecord[] {
  const cursor = new RecordCursor();
  const records: CommittedRecord[] = [];
  for (const raw of batches) {
    walkBatch(raw, origin, cursor, (offset) => {
      if (offset < from) return;
      const { bytes, keyStart, keyLength, valueStart, valueLength, timestampMs } = cursor;
      records.push({
        offset: String(offset),
        key: keyLength < 0 ? null : bytes.subarray(keyStart, keyStart + keyLength),
        value: valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength),
        timestamp: String(timestampMs),
      });
    });
  }
  return records;
}
