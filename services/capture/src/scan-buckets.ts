import type { Bucket } from '@scoreline/ledger';
import type { Kafka } from 'kafkajs';

import type { LedgerTopics } from './ledger-topics.ts';
import { type ScannedTopic, scanRows, type TopicRow } from './scan-rows.ts';

export interface ScanBucketsOptions {
  readonly kafka: Kafka;
  readonly topics: LedgerTopics;
  readonly signal: AbortSignal;
}

/**
 * Scans the parts of the topics where the ledger says that these buckets have rows: others are among them.
 * A topic that is retired is left out.
 */
export async function scanBuckets(
  { kafka, topics, signal }: ScanBucketsOptions,
  buckets: readonly Bucket[],
  visit: (row: TopicRow, from: ScannedTopic) => void,
): Promise<void> {
  for (const topic of new Set(buckets.flatMap(({ offsets }) => [...offsets.keys()]))) {
    if (topics.isRetired(topic)) continue;
    const from = { topic, version: topics.versionOf(topic) };
    const span = spanOf(buckets, topic);
    await scanRows(kafka, from, { signal, ...span }, { row: (row) => visit(row, from) });
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
