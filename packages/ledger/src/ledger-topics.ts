import { scanTopic } from '@scoreline/kafka';
import type { Kafka } from 'kafkajs';

import { CHECKPOINT_KEY, decodeEntry } from './codec.ts';
import type { ReadOptions } from './reader.ts';
import { RETIRED_KEY, type Retirement } from './retirement.ts';

/** What a ledger says of the topics of its rows. */
export interface LedgerTopics {
  /** Those that have rows, or had. */
  readonly named: ReadonlySet<string>;
  /** Of these, the ones that are retired. */
  readonly retired: ReadonlyMap<string, Retirement>;
}

/**
 * Reads the ledger as it is now for its topics. Of its buckets, which are many, nothing is kept: who lands
 * rows need not know of them.
 */
export async function readLedgerTopics(
  kafka: Kafka,
  topic: string,
  { signal, timeoutMs = 30_000 }: ReadOptions,
): Promise<LedgerTopics> {
  const named = new Set<string>();
  const retired = new Map<string, Retirement>();
  await scanTopic(
    kafka,
    topic,
    { signal, silenceMs: timeoutMs },
    ({ bytes, keyStart, keyLength, valueStart, valueLength }, partition, offset) => {
      const key = bytes.subarray(keyStart, keyStart + Math.max(0, keyLength));
      const name = key.toString();
      if (name !== CHECKPOINT_KEY && !name.startsWith(RETIRED_KEY)) return;
      const value = valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength);
      const entry = decodeEntry(key, value, `${topic}[${partition}] offset ${offset}`);
      if (entry.kind === 'retired') retired.set(entry.retirement.topic, entry.retirement);
      if (entry.kind !== 'checkpoint') return;
      for (const one of Object.keys(entry.checkpoint.topicEnds)) named.add(one);
    },
  );
  return { named, retired };
}
