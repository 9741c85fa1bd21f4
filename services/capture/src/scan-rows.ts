import {
  type RecordCursor,
  type ScannedPartition,
  type ScanOptions,
  scanTopic,
} from '@scoreline/kafka';
import { DatumWalker, type TopicVersion, WIRE_HEADER_BYTES } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

/** Where a row is in the topic. One object is used for all rows. */
export interface TopicRow {
  readonly id: number;
  readonly partition: number;
  readonly offset: number;
  /** The datum is `bytes[start..end]`. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Less than `end` by the fields that were added since version 1 and are NULL: see `valuesOf`. */
  readonly valuesEnd: number;
}

export interface ScannedTopic {
  readonly topic: string;
  readonly version: TopicVersion;
}

export interface RowHandlers {
  readonly row: (row: TopicRow) => void;
  /** A record that is no LogScore. Without it, it ends the scan. */
  readonly unreadable?: (partition: number, offset: number, why: string) => void;
}

/** Scans the topic's rows. @throws PermanentError `record-malformed`, and what `scanTopic` throws. */
export async function scanRows(
  kafka: Kafka,
  { topic, version }: ScannedTopic,
  options: ScanOptions,
  { row, unreadable = stops(topic) }: RowHandlers,
): Promise<readonly ScannedPartition[]> {
  const walker = new DatumWalker(version);
  const at: { -readonly [K in keyof TopicRow]: TopicRow[K] } = {
    id: 0,
    partition: 0,
    offset: 0,
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    valuesEnd: 0,
  };
  return scanTopic(kafka, topic, options, (record, partition, offset) => {
    const { bytes, valueStart, valueLength } = record;
    at.bytes = bytes;
    at.start = valueStart + WIRE_HEADER_BYTES;
    at.end = valueStart + valueLength;
    const wrong = problem(walker, record, at);
    if (wrong !== null) {
      unreadable(partition, offset, wrong);
      return;
    }
    at.id = walker.id;
    at.valuesEnd = walker.valuesEnd;
    at.partition = partition;
    at.offset = offset;
    row(at);
  });
}

function problem(
  walker: DatumWalker,
  { bytes, valueStart }: RecordCursor,
  { start, end }: { readonly start: number; readonly end: number },
): string | null {
  if (start > end || bytes[valueStart] !== 0) return 'not in the wire format';
  try {
    walker.walk(bytes, start, end);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function stops(topic: string) {
  return (partition: number, offset: number, why: string): never => {
    throw new PermanentError(
      `the record at ${topic}[${partition}] offset ${offset} is no row: ${why}`,
      {
        code: 'record-malformed',
        remedy: 'Find out who wrote it: only capture may produce into this topic.',
      },
    );
  };
}
