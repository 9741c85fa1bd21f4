import { randomUUID } from 'node:crypto';

import { type Checkpoint, fenceMessage, readLedger } from '@scoreline/ledger';

import type { OwnCommit } from './servers.ts';
import type { World } from './world.ts';

/**
 * What bad input must leave alone: how far every hop is, and what it holds. A topic or table that is not
 * there holds nothing, and one that a service makes before it stops changes nothing.
 */
export interface Facts {
  /** Records of each partition that has any. */
  readonly ends: Readonly<Record<number, string>>;
  readonly commits: readonly OwnCommit[];
  readonly checkpoint: Checkpoint | null;
  readonly landed: number;
}

export async function factsOf(world: World): Promise<Facts> {
  const { servers, topic, group, database } = world;
  const ends = Object.entries((await servers.ends(topic)) ?? []);
  const commits = await servers.commits(group, topic);
  return {
    ends: Object.fromEntries(ends.filter(([, end]) => end !== '0')),
    commits: commits.filter(({ offset }) => offset !== '-1'),
    checkpoint: await checkpointOf(world),
    landed: await servers.landed(database),
  };
}

/** Reading a ledger is complete at a fence of one's own, so one is written: it means nothing to others. */
async function checkpointOf({ servers, ledger }: World): Promise<Checkpoint | null> {
  if ((await servers.ends(ledger))?.length !== 1) return null;
  const uuid = randomUUID();
  const { key, value } = fenceMessage(uuid, { host: 'bad-input', atMs: Date.now() });
  await servers.producer.send({ topic: ledger, messages: [{ partition: 0, key, value }] });
  const signal = AbortSignal.timeout(30_000);
  const { checkpoint } = await readLedger(servers.kafka, ledger, uuid, { signal });
  return checkpoint;
}
