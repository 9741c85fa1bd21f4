import { setTimeout as delay } from 'node:timers/promises';

import { kafkaErrorType } from '@scoreline/kafka';
import { PermanentError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

/** A broker that has just started, or lags behind the others, may not know of a topic for a moment. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 250;

type Asked = Pick<Admin, 'fetchTopicOffsets'>;

export interface PresenceOptions {
  readonly signal: AbortSignal;
  /** How long the brokers must say that there is no such topic. */
  readonly patienceMs?: number;
}

/**
 * Where each partition of the topic of rows ends.
 *
 * @throws PermanentError `topic-truncated` when there is no such topic any more.
 */
export async function topicEnds(
  admin: Asked,
  topic: string,
  options: PresenceOptions,
): Promise<readonly number[]> {
  const ends = await endsOf(admin, topic, options);
  if (ends !== null) return ends;
  throw new PermanentError(`topic ${topic} does not exist any more`, {
    code: 'topic-truncated',
    remedy:
      'It was deleted, with the rows that were captured. Restore it, or start a new ledger under another topic_prefix and capture again.',
  });
}

/**
 * Asked before anything is written: a ledger that was deleted under a running capture does not come back
 * by itself, and every attempt to fence would only say that it is not there.
 *
 * @throws PermanentError `ledger-missing`
 */
export async function requireLedger(
  admin: Asked,
  ledgerTopic: string,
  options: PresenceOptions,
): Promise<void> {
  if ((await endsOf(admin, ledgerTopic, options)) !== null) return;
  throw new PermanentError(`${ledgerTopic} does not exist any more`, {
    code: 'ledger-missing',
    remedy:
      'The ledger was deleted, so that nobody knows which rows the topic holds. While the topic is complete from offset 0, capture --rebuild-ledger makes it from the topic. Otherwise restore it, or begin anew under another topic_prefix.',
  });
}

/** Null when there is no such topic, and not for a moment only. */
async function endsOf(
  admin: Asked,
  topic: string,
  { signal, patienceMs = PATIENCE_MS }: PresenceOptions,
): Promise<number[] | null> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      const ends: number[] = [];
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        ends[partition] = Number(high);
      }
      return ends;
    } catch (cause) {
      if (kafkaErrorType(cause) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw cause;
      if (performance.now() >= giveUpAt) return null;
    }
    await delay(AGAIN_MS, undefined, { signal });
  }
}
