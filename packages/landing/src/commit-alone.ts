import { kafkaErrorType } from '@scoreline/kafka';
import { PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { Committer, NO_MEMBER } from './committer.ts';
import type { LandingScope } from './generation.ts';
import type { Progress } from './progress.ts';

/**
 * Commits what an operator has decided, which the coordinator allows while nobody is in the group.
 *
 * @throws PermanentError `group-in-use`
 */
export async function commitAlone(
  kafka: Kafka,
  { group, topic, log }: LandingScope,
  decided: ReadonlyMap<number, Progress>,
): Promise<void> {
  const consumer = kafka.consumer({ groupId: group });
  await consumer.connect();
  try {
    const signal = AbortSignal.timeout(30_000);
    await new Committer(consumer, { membership: NO_MEMBER, topic, signal }).commit(decided);
  } catch (cause) {
    throw groupInUse(group, cause);
  } finally {
    await consumer.disconnect();
  }
  for (const [partition, { committed }] of decided) {
    log.warn({ partition, offset: committed }, 'goes on as the settings say; remove accept_… now');
  }
}

function groupInUse(group: string, cause: unknown): unknown {
  if (kafkaErrorType(cause) !== 'UNKNOWN_MEMBER_ID') return cause;
  return new PermanentError(
    `accept_offset and accept_quarantined cannot be followed while group ${group} has members`,
    {
      code: 'group-in-use',
      remedy: 'Stop every member of the group, then start one.',
      cause,
    },
  );
}
