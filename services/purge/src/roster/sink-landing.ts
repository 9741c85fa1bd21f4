import { type FoundPartition, groupOf, readGroup } from '@scoreline/landing';
import type { LedgerState } from '@scoreline/ledger';
import type { Admin } from 'kafkajs';

import { landedBefore } from '../proof/retired-topic.ts';
import { sinksOf } from './sink-groups.ts';

type Ledger = Pick<LedgerState, 'checkpoint' | 'retired'>;

/** What a sink's groups have committed of every topic that the ledger names. A retired topic may be gone, and its groups: then the record of it counts. */
export async function landingOf(
  admin: Admin,
  sink: string,
  { checkpoint, retired }: Ledger,
): Promise<FoundPartition[]> {
  const found: FoundPartition[] = [];
  for (const topic of Object.keys(checkpoint?.topicEnds ?? {})) {
    const retirement = retired.get(topic);
    const group = groupOf(sink, topic);
    if (retirement === undefined) found.push(...(await readGroup(admin, { topic, group })));
    else found.push(...landedBefore(retirement, group));
  }
  return found;
}

/** Sinks that have a group of any topic that is not retired. */
export async function groupedSinks(
  admin: Admin,
  { checkpoint, retired }: Ledger,
): Promise<string[]> {
  const sinks = new Set<string>();
  for (const topic of Object.keys(checkpoint?.topicEnds ?? {})) {
    if (retired.has(topic)) continue;
    for (const sink of await sinksOf(admin, topic)) sinks.add(sink);
  }
  return [...sinks].toSorted();
}

/** The groups of a sink that there are, of every topic, and of what was backfilled for it. */
export async function groupsOfSink(
  admin: Pick<Admin, 'listGroups'>,
  sink: string,
  { checkpoint }: Ledger,
): Promise<string[]> {
  const own = new Set(
    Object.keys(checkpoint?.topicEnds ?? {}).flatMap((topic) => [
      groupOf(sink, topic),
      groupOf(sink, `${topic}.backfill.${sink}`),
    ]),
  );
  const { groups } = await admin.listGroups();
  return groups
    .map(({ groupId }) => groupId)
    .filter((group) => own.has(group))
    .toSorted();
}
