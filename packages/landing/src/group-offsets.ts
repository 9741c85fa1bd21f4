import { RetryableError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import type { FoundPartition } from './resume.ts';

/**
 * Every partition of the topic as the brokers describe it now: the group's commits, the logs' ends.
 * Other members go on meanwhile, so a log's start is asked for before the commits and its end after
 * them: what a commit names was there then, and is not taken for truncated.
 */
export async function readGroup(
  admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>,
  { topic, group }: { readonly topic: string; readonly group: string },
): Promise<FoundPartition[]> {
  const before = await admin.fetchTopicOffsets(topic);
  const [commits] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const ends = await admin.fetchTopicOffsets(topic);
  const startOf = new Map(before.map(({ partition, low }) => [partition, low] as const));
  const committedIn = new Map(
    commits?.partitions.map((commit) => [commit.partition, commit] as const),
  );
  return ends
    .map(({ partition, high }) => {
      const commit = committedIn.get(partition);
      const low = startOf.get(partition);
      if (commit === undefined || low === undefined) {
        throw new RetryableError(`${topic}[${partition}] appeared while offsets were read`, {
          code: 'topic-changing',
        });
      }
      const offset = BigInt(commit.offset);
      return {
        topic,
        partition,
        group,
        committed: offset < 0n ? null : { offset, metadata: commit.metadata },
        logStart: BigInt(low),
        logEnd: BigInt(high),
      };
    })
    .sort((a, b) => a.partition - b.partition);
}
