import type { Audit } from './audit.ts';
import type { Bucket } from './bucket.ts';
import { CapturedIds } from './captured-ids.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeEntry, type LedgerEntry } from './codec.ts';
import type { ReconcileRequest } from './reconcile-request.ts';
import type { Retirement } from './retirement.ts';
import type { Roster } from './roster.ts';

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
  /** Empty when no sink was ever promoted. */
  readonly roster: Roster;
  /** Clean audits by sink. */
  readonly audits: ReadonlyMap<string, readonly Audit[]>;
  /** The last range of ids that capture was asked to look for. */
  readonly request: ReconcileRequest | null;
  /** Records seen, fences included. */
  readonly records: number;
}

/** What the newest record of each key says together. */
export function decodeLedger(newest: Iterable<LedgerRecord>): Omit<LedgerState, 'records'> {
  return stateOf([...newest].map(({ key, value, where }) => decodeEntry(key, value, where)));
}

/** What the newest entry of each key says together. */
export function stateOf(newest: Iterable<LedgerEntry>): Omit<LedgerState, 'records'> {
  let checkpoint: Checkpoint | null = null;
  const buckets: Bucket[] = [];
  const retired = new Map<string, Retirement>();
  let roster: Roster = [];
  const audits = new Map<string, readonly Audit[]>();
  let request: ReconcileRequest | null = null;
  for (const entry of newest) {
    if (entry.kind === 'checkpoint') checkpoint = entry.checkpoint;
    else if (entry.kind === 'bucket') buckets.push(entry.bucket);
    else if (entry.kind === 'retired') retired.set(entry.retirement.topic, entry.retirement);
    else if (entry.kind === 'roster') roster = entry.roster;
    else if (entry.kind === 'audits') audits.set(entry.audits.sink, entry.audits.audits);
    else if (entry.kind === 'request') request = entry.request;
  }
  return { checkpoint, captured: new CapturedIds(buckets), retired, roster, audits, request };
}
