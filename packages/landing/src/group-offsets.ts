import { RetryableError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import type { FoundPartition } from './resume.ts';

/** Every partition of the topic as the brokers describe it now: the group's commits, the logs' ends. */
export async function readGroup(
  admin: Admin,
  { topic, group }: { readonly topic: string; readonly group: string },
): Promise<FoundPartition[]> {
  const ends = await admin.fetchTopicOffsets(topic);
  const [commits] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const committedIn = new Map(
    commits?.partitions.map((commit) => [commit.partition, commit] as const),
  );
  return ends
    .map(({ partition, low, high }) => {
      const commit = committedIn.get(partition);
      if (commit === undefined) {
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
