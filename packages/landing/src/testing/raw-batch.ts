import { BATCH_HEADER_BYTES, RecordBatch } from '@scoreline/kafka';
import { wireHeader } from '@scoreline/schema';
import type { RawRecordBatch } from 'kafkajs';

/** Where the v2 batch header says its CRC, and where what it covers begins. */
const CRC_AT = 17;
const CRC_FROM = 21;
const NOBODY = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

/** A record batch of these Avro bytes, as a consumer with `rawRecordBatches` is shown it. */
export function rawBatchOf(
  firstOffset: number,
  datums: readonly Buffer[],
  { schemaId = 7, timestampMs = 1_763_000_000_000 } = {},
): RawRecordBatch {
  const size = datums.reduce((sum, datum) => sum + datum.length + 64, 1024);
  const batch = new RecordBatch(0, size);
  const header = wireHeader(schemaId);
  for (const datum of datums) {
    batch.append(Buffer.from('1'), header, datum, 0, datum.length, timestampMs);
  }
  const all = Buffer.from(batch.recordBatch(NOBODY));
  return {
    firstOffset: String(firstOffset),
    offset: String(firstOffset + datums.length - 1),
    count: datums.length,
    bytes: all.subarray(BATCH_HEADER_BYTES),
    crc: all.readUInt32BE(CRC_AT),
    crcBytes: all.subarray(CRC_FROM),
    attributes: 0,
    timestamp: String(timestampMs),
    isControlRecord: false,
  } as RawRecordBatch;
}
