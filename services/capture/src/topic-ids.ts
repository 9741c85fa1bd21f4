import type { ScannedPartition, ScanOptions } from '@scoreline/kafka';
import { bucketOf, CapturedIds } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { type ScannedTopic, scanRows } from './scan-rows.ts';

export interface TopicIds {
  readonly captured: CapturedIds;
  readonly minId: number;
  /** By topic that has rows and partition, the offset after its last one. */
  readonly ends: Readonly<Record<string, readonly number[]>>;
}

/** Repeated ids that an error names. */
const EXAMPLES = 5;

/** How far the reading of a topic has come. */
export type TopicProgress = (topic: string) => ScanOptions['progress'];

/**
 * What a ledger would say of topics that have every row that was ever captured.
 *
 * @throws PermanentError `topic-incomplete` when records were deleted from its start, `topic-repeats`
 * when an id is in it twice.
 */
export async function topicIds(
  kafka: Kafka,
  topics: readonly ScannedTopic[],
  options: Omit<ScanOptions, 'from' | 'to' | 'progress'> & { readonly progress: TopicProgress },
): Promise<TopicIds> {
  const captured = new CapturedIds();
  const examples: string[] = [];
  let repeated = 0;
  let minId = Infinity;
  const ends: Record<string, readonly number[]> = {};
  for (const scanned of topics) {
    const { topic } = scanned;
    const progress = options.progress(topic);
    const parts = await scanRows(
      kafka,
      scanned,
      { ...options, progress },
      {
        row: ({ id, partition, offset }) => {
          if (id < minId) minId = id;
          if (!captured.add(id)) {
            repeated++;
            if (examples.length < EXAMPLES)
              examples.push(`id ${id} at ${topic}[${partition}] offset ${offset}`);
          }
          captured.wrote(bucketOf(id), topic, partition, offset, offset + 1);
        },
      },
    );
    requireComplete(topic, parts);
    if (parts.some(({ end }) => end > 0)) ends[topic] = parts.map(({ end }) => end);
  }
  if (repeated > 0) {
    const names = topics.map(({ topic }) => topic).join(' and ');
    throw new PermanentError(
      `${names} has ${repeated} rows whose ids it has already: ${examples.join(', ')}`,
      {
        code: 'topic-repeats',
        remedy:
          'A ledger cannot say that. Somebody else has produced into the topic, or the ledger was lost earlier: begin anew under another topic_prefix.',
      },
    );
  }
  return { captured, minId, ends };
}

function requireComplete(topic: string, parts: readonly ScannedPartition[]): void {
  const cut = parts.flatMap(({ from }, partition) =>
    from > 0 ? [`[${partition}] begins at ${from}`] : [],
  );
  if (cut.length === 0) return;
  throw new PermanentError(
    `${topic} is not complete: ${cut.join(', ')}, and which ids were below nobody knows`,
    {
      code: 'topic-incomplete',
      remedy:
        'A ledger made from the rest would publish rows again that the table still has. Restore the ledger topic from a copy, or begin anew under another topic_prefix and let the sinks fill new tables.',
    },
  );
}
