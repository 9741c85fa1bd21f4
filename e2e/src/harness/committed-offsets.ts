import { isCoordinatorMoving } from '@scoreline/kafka';
import { until } from '@scoreline/testing';
import type { Admin } from 'kafkajs';

export type CommittedOffsets = Awaited<ReturnType<Admin['fetchOffsets']>>[number]['partitions'];

/** What a group has committed of a topic. A broker that has just started has not loaded its groups yet. */
export function committedOffsets(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<CommittedOffsets> {
  return until(
    async () => {
      try {
        const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
        return found?.partitions ?? [];
      } catch (error) {
        if (isCoordinatorMoving(error)) return null;
        throw error;
      }
    },
    { what: `the coordinator of ${groupId}` },
  );
}
