import { setTimeout as delay } from 'node:timers/promises';

import type { Admin } from 'kafkajs';

import { kafkaErrorType } from './errors.ts';

const ATTEMPTS = 100;
const EVERY_MS = 100;

/** What a broker says of a partition that it knows of, and does not lead yet. */
const NOT_YET = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'NOT_LEADER_OR_FOLLOWER',
]);

/** A partition that was just made, or whose leader changes: the same question may be asked again. */
export function isLeaderPending(error: unknown): boolean {
  return NOT_YET.has(kafkaErrorType(error) ?? '');
}

/**
 * Resolves when the leader of every partition answers for it. Metadata names leaders a moment before they
 * take the partition over (KRaft publishes one after the other), and refuse what is produced meanwhile.
 */
export async function leadersServe(
  admin: Pick<Admin, 'fetchTopicOffsets'>,
  topic: string,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !isLeaderPending(error)) throw error;
      await delay(EVERY_MS);
    }
  }
}
