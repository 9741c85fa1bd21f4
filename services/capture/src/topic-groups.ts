import type { Admin } from 'kafkajs';

import { isSink, type TopicGroup } from './retirement-plan.ts';

/**
 * Every consumer group that has committed an offset of the topic, or is named after it as a sink's is. One
 * that reads without committing leaves no trace.
 */
export async function groupsOf(admin: Admin, topic: string): Promise<TopicGroup[]> {
  const { groups } = await admin.listGroups();
  const found: TopicGroup[] = [];
  for (const { groupId: group } of groups.toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1))) {
    const [one] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    const committed: number[] = [];
    const metadata: string[] = [];
    for (const { partition, offset, metadata: beside } of one?.partitions ?? []) {
      committed[partition] = Number(offset);
      metadata[partition] = beside ?? '';
    }
    if (isSink(group, topic) || committed.some((offset) => offset >= 0))
      found.push({ group, committed, metadata });
  }
  return found;
}
