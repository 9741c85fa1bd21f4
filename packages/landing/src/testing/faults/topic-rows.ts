import { readPartition } from '@scoreline/kafka';
import { wireHeader } from '@scoreline/schema';

import { type Pipeline, SCHEMA_ID } from '../pipeline.ts';
import { decodeRow, type SampleRow } from '../sample-rows.ts';

/** What the table of faults puts between rows; it is no row. */
export const GARBAGE: Buffer = Buffer.from('not a row');

/** A committed record of the topic. */
export interface TopicRow {
  readonly partition: number;
  readonly offset: bigint;
  /** Null for what is no row. */
  readonly row: SampleRow | null;
}

const SILENCE_MS = 10_000;
const HEADER_BYTES = wireHeader(SCHEMA_ID).length;

/** Every committed record of the topic. Behind the last one is the marker of its transaction. */
export async function topicRows({ kafka, admin, topic }: Pipeline): Promise<readonly TopicRow[]> {
  const rows: TopicRow[] = [];
  const options = { signal: AbortSignal.timeout(3 * SILENCE_MS), silenceMs: SILENCE_MS };
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    if (low === high) continue;
    await readPartition(kafka, { topic, partition }, options, (messages) => {
      for (const { offset, value } of messages) {
        const datum = value?.subarray(HEADER_BYTES) ?? GARBAGE;
        const row = datum.equals(GARBAGE) ? null : decodeRow(datum);
        rows.push({ partition, offset: BigInt(offset), row });
      }
      return Number(messages.at(-1)?.offset) >= Number(high) - 2;
    });
  }
  return rows;
}
