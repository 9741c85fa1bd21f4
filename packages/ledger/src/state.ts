import type { Bucket } from './bucket.ts';
import { CapturedIds } from './captured-ids.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeEntry } from './codec.ts';
import type { Retirement } from './retirement.ts';

export interface LedgerRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Topic, partition and offset. */
  readonly where: string;
}

export interface LedgerState {
  /** Null when nothing was ever captured under this ledger. */
  readonly checkpoint: Checkpoint | null;
  readonly captured: CapturedIds;
  /** Versions' topics that are retired, by their names. */
  readonly retired: ReadonlyMap<string, Retirement>;
  /** Records seen, fences included. */
  readonly records: number;
}

/** What the newest record of each key says together. */
export function decodeLedger(newest: Iterable<LedgerRecord>): Omit<LedgerState, 'records'> {
  let checkpoint: Checkpoint | null = null;
  const buckets: Bucket[] = [];
  const retired = new Map<string, Retirement>();
  for (const { key, value, where } of newest) {
    const entry = decodeEntry(key, value, where);
    if (entry.kind === 'checkpoint') checkpoint = entry.checkpoint;
    else if (entry.kind === 'bucket') buckets.push(entry.bucket);
    else if (entry.kind === 'retired') retired.set(entry.retirement.topic, entry.retirement);
  }
  return { checkpoint, captured: new CapturedIds(buckets), retired };
}
