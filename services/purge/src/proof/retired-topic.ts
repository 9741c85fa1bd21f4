import type { FoundPartition } from '@scoreline/landing';
import type { Retirement } from '@scoreline/ledger';

/**
 * What a group has landed of a topic that was retired. That may be gone, and its offsets with it: they are as its
 * record in the ledger has them.
 */
export function landedBefore({ topic, ends, groups }: Retirement, group: string): FoundPartition[] {
  const kept = groups.find((one) => one.group === group);
  return ends.map((end, partition) => {
    const offset = BigInt(kept?.committed[partition] ?? -1);
    return {
      topic,
      partition,
      group,
      committed: offset < 0n ? null : { offset, metadata: kept?.metadata[partition] ?? null },
      logStart: 0n,
      // The log went on for a marker, perhaps, which the sink had committed too.
      logEnd: offset > BigInt(end) ? offset : BigInt(end),
    };
  });
}
