import type { Bench } from '../bench.ts';
import { type Committed, type End, lagOf } from './lag.ts';

export async function isStable({ admin }: Bench, groupId: string): Promise<boolean> {
  const { groups } = await admin.describeGroups([groupId]);
  return groups[0]?.state === 'Stable' && groups[0].members.length > 0;
}

/** Records that the group has not committed, of a topic that nobody writes to any more. */
export async function groupLag(
  { admin }: Bench,
  { groupId, topic, ends }: { groupId: string; topic: string; ends: readonly End[] },
): Promise<number> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed: readonly Committed[] = answer?.partitions ?? [];
  return lagOf(ends, committed);
}
