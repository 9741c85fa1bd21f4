import { type CommitMetadata, formatCommitMetadata } from '@scoreline/landing';
import type { Kafka } from 'kafkajs';

import { DEST } from './proofs.ts';

interface Commit {
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata?: Partial<CommitMetadata>;
}

/** Commits as a member of the group does, so that brokers hold what a sink would have left there. */
export async function commitAs(
  kafka: Kafka,
  { group: groupId, topic }: { readonly group: string; readonly topic: string },
  commits: readonly Commit[],
): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 20 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ autoCommit: false, eachBatch: async () => {} });
    await joined;
    await consumer.commitOffsets(
      commits.map(({ partition, offset, metadata }) => ({
        topic,
        partition,
        offset: String(offset),
        metadata: formatCommitMetadata({
          since: 0n,
          dest: DEST,
          pending: [],
          landed: null,
          ...metadata,
        }),
      })),
    );
  } finally {
    await consumer.disconnect();
  }
}
