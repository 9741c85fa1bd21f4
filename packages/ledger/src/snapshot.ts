import { scanTopic } from '@scoreline/kafka';
import type { Kafka } from 'kafkajs';

import { CHECKPOINT_KEY, FENCE_KEY, isCaptures } from './codec.ts';
import { READER_GROUP, type ReadOptions } from './reader.ts';
import { decodeLedger, type LedgerRecord, type LedgerState } from './state.ts';

export interface SnapshotOptions extends ReadOptions {
  /** Begins the name of the group that reads, for ACLs. */
  readonly prefix?: string;
}

/**
 * Reads the ledger as it is now, beside a capture that runs, without a fence: every transaction whose
 * records are in the topic when this begins, and none in part.
 */
export async function readLedgerSnapshot(
  kafka: Kafka,
  topic: string,
  { signal, prefix = '', timeoutMs = 30_000 }: SnapshotOptions,
): Promise<LedgerState> {
  const newest = new Map<string, LedgerRecord>();
  // A transaction's checkpoint is its last record: what comes before it counts with it. The end of
  // what is read may lie within a transaction.
  const open = new Map<string, LedgerRecord>();
  let records = 0;
  await scanTopic(
    kafka,
    topic,
    { signal, group: `${prefix}${READER_GROUP}`, silenceMs: timeoutMs },
    ({ bytes, keyStart, keyLength, valueStart, valueLength }, partition, offset) => {
      records++;
      const key = copy(bytes, keyStart, keyLength);
      const value = copy(bytes, valueStart, valueLength);
      const name = key?.toString() ?? '';
      if (name.startsWith(FENCE_KEY)) return;
      const record = { key, value, where: `${topic}[${partition}] offset ${offset}` };
      if (!isCaptures(name)) {
        newest.set(name, record);
        return;
      }
      open.set(name, record);
      if (name !== CHECKPOINT_KEY) return;
      for (const [one, record] of open) newest.set(one, record);
      open.clear();
    },
  );
  return { ...decodeLedger(newest.values()), records };
}

function copy(bytes: Buffer, start: number, length: number): Buffer | null {
  return length < 0 ? null : Buffer.from(bytes.subarray(start, start + length));
}
