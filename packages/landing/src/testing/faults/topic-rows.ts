import { readPartition } from '@scoreline/kafka';
import { wireHeader } from '@scoreline/schema';

import { type Pipeline, SCHEMA_ID } from '../pipeline.ts';
import { decodeRow, type SampleRow } from '../sample-rows.ts';

/** What the table of faults puts between rows; it is no row. */
export const GARBAGE: Buffer = Buffer.from('not a row');

const SILENCE_MS = 10_000;
const HEADER_BYTES = wireHeader(SCHEMA_ID).length;

/** Every committed row of the topic. Behind the last one is the marker of its transaction. */
export async function topicRows({ kafka, admin, topic }: Pipeline): Promise<readonly SampleRow[]> {
  const rows: SampleRow[] = [];
  const options = { signal: AbortSignal.timeout(3 * SILENCE_MS), silenceMs: SILENCE_MS };
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
    await readPartition(kafka, { topic, partition }, options, (messages) => {
      for (const { value } of messages) {
        const datum = value?.subarray(HEADER_BYTES) ?? GARBAGE;
        if (!datum.equals(GARBAGE)) rows.push(decodeRow(datum));
      }
      return Number(messages.at(-1)?.offset) >= Number(high) - 2;
    });
  }
  return rows;
}
