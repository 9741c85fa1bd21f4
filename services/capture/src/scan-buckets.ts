import type { Bucket } from '@scoreline/ledger';
import type { Kafka } from 'kafkajs';

import { scanRows, type TopicRow } from './scan-rows.ts';

export interface ScanBucketsOptions {
  readonly kafka: Kafka;
  /** Begins the name of the group that reads. */
  readonly group: string;
  readonly signal: AbortSignal;
}

/** Scans the parts of the topics where the ledger says that these buckets have rows: others are among them. */
export async function scanBuckets(
  { kafka, group, signal }: ScanBucketsOptions,
  buckets: readonly Bucket[],
  visit: (row: TopicRow, topic: string) => void,
): Promise<void> {
  for (const topic of new Set(buckets.flatMap(({ offsets }) => [...offsets.keys()]))) {
    const span = spanOf(buckets, topic);
    await scanRows(kafka, topic, { signal, group, ...span }, { row: (row) => visit(row, topic) });
  }
}

/** Where a topic has rows of these buckets, by partition. */
function spanOf(buckets: readonly Bucket[], topic: string): { from: number[]; to: number[] } {
  const from: number[] = [];
  const to: number[] = [];
  for (const { offsets } of buckets) {
    const { first = [], end = [] } = offsets.get(topic) ?? {};
    for (const [partition, offset] of first.entries()) {
      if (offset < 0) continue;
      from[partition] = Math.min(from[partition] ?? offset, offset);
      to[partition] = Math.max(to[partition] ?? 0, end[partition]!);
    }
  }
  return { from, to };
}
