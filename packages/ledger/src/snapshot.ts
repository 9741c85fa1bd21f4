import { scanTopic } from '@scoreline/kafka';
import type { Kafka } from 'kafkajs';

import type { ReadOptions } from './reader.ts';
import { decodeLedger, type LedgerState } from './state.ts';
import { WholeTransactions } from './whole-transactions.ts';

/**
 * Reads the ledger as it is now, beside a capture that runs, without a fence: every transaction whose
 * records are in the topic when this begins, and none in part.
 */
export async function readLedgerSnapshot(
  kafka: Kafka,
  topic: string,
  { signal, timeoutMs = 30_000 }: ReadOptions,
): Promise<LedgerState> {
  const read = new WholeTransactions();
  await scanTopic(
    kafka,
    topic,
    { signal, silenceMs: timeoutMs },
    ({ bytes, keyStart, keyLength, valueStart, valueLength }, partition, offset) => {
      read.add({
        key: copy(bytes, keyStart, keyLength),
        value: copy(bytes, valueStart, valueLength),
        where: `${topic}[${partition}] offset ${offset}`,
      });
    },
  );
  return { ...decodeLedger(read.newest.values()), records: read.records };
}

function copy(bytes: Buffer, start: number, length: number): Buffer | null {
  return length < 0 ? null : Buffer.from(bytes.subarray(start, start + length));
}
