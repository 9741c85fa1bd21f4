import type { LockHolder } from '@scoreline/database';
import type { BinlogPosition, Checkpoint, LedgerState, SourceIdentity } from '@scoreline/ledger';

import type { PurgeRecord } from '../kafka/purge-record.ts';
import type { Load } from '../pace/throttle.ts';
import type { Evidence } from '../proof/evidence.ts';
import type { Reason } from '../proof/reason.ts';

/** The ledger as it is now. A state that was handed out does not change any more. */
export interface LedgerPort {
  refresh(signal: AbortSignal): Promise<LedgerState>;
}

/** What the sinks have committed and who they are; what is missing in it blocks. */
export interface EvidencePort {
  /** Of what this state of the ledger names. */
  read(state: LedgerState, signal: AbortSignal): Promise<Evidence>;
}

/** Rows by primary key, in order, as they were at one moment. */
export interface Lot {
  readonly ids: Float64Array;
  /** 1 for each row that is older than the cutoff, on the clock of the source. */
  readonly old: Uint8Array;
  /** Those that rows of other tables refer to. */
  readonly referenced: ReadonlySet<number>;
  /** Go on above this id. */
  readonly next: number;
  /** The table had no more. */
  readonly isLast: boolean;
}

/** A number of rows, and one that stands for all that is in them. */
export interface RowsDigest {
  readonly count: number;
  readonly digest: string;
}

/** How far the source had come when it was asked. */
export interface SourcePosition {
  readonly source: SourceIdentity;
  readonly position: BinlogPosition;
  /** Empty when the source has none. */
  readonly gtidSet: string;
}

export type ChunkOutcome =
  | { readonly kind: 'deleted'; readonly rows: number; readonly ms: number }
  /** Some of these are not as they were digested, or gone: nothing was deleted. A server does not tell which. */
  | { readonly kind: 'changed'; readonly ids: readonly number[] }
  /** Rows of other tables refer to these by now: nothing was deleted. */
  | { readonly kind: 'referenced'; readonly ids: readonly number[] }
  /** Somebody else holds locks on rows of it, for too long: nothing was deleted. */
  | { readonly kind: 'collided' };

export interface Span {
  readonly minId: number;
  readonly maxId: number;
  /** Of the row with the lowest id: about the oldest. Null when it has no time. */
  readonly oldestTs: Date | null;
}

/** The table in the source. */
export interface TablePort {
  /** Null when it is empty. */
  span(signal: AbortSignal): Promise<Span | null>;
  lot(after: number, limit: number, signal: AbortSignal): Promise<Lot>;
  digest(ids: readonly number[], signal: AbortSignal): Promise<RowsDigest>;
  position(signal: AbortSignal): Promise<SourcePosition>;
  /**
   * One transaction, in which the locks are seen to be the holder's when the rows are locked: whoever gets them
   * after that and asks `held` waits for its end. An error that says nothing of its outcome leaves that to `held`.
   */
  deleteChunk(
    ids: readonly number[],
    digest: RowsDigest,
    holder: LockHolder,
    signal: AbortSignal,
  ): Promise<ChunkOutcome>;
  /** Which of them the table holds, transactions that still run waited for. */
  held(ids: readonly number[], signal: AbortSignal): Promise<number[]>;
}

/** Whether capture has everything that was in the binlog up to a position; never true in doubt. */
export type HasPassed = (checkpoint: Checkpoint, at: SourcePosition) => boolean | 'other-source';

/**
 * Whether the binlog ends before a checkpoint that was read earlier: the source was reset or restored, and no
 * position of it tells what was captured.
 */
export type IsRewound = (earlier: Checkpoint, at: SourcePosition) => boolean;

/** The table that archivers before this one told in how far they had come. */
export interface ArchiveStatusPort {
  /** Why nothing may be deleted now: another archiver may still run. */
  whyNot(signal: AbortSignal): Promise<Reason[]>;
  keep(state: LedgerState, evidence: Evidence, signal: AbortSignal): Promise<void>;
}

export interface JournalPort {
  append(record: PurgeRecord): Promise<void>;
}

/** The purge log while it is ours. */
export interface OpenJournal extends JournalPort {
  /** What the last one to write left unfinished, and the highest offsets that the sinks were ever seen to have committed. */
  open(signal: AbortSignal): Promise<{
    readonly unfinished: PurgeRecord | null;
    readonly highest: ReadonlyMap<string, bigint>;
  }>;
  close(): Promise<void>;
}

/** What keeps other purgers, and the archiver, out. */
export interface LocksPort {
  readonly holder: LockHolder;
  /** Aborted when one of them is no longer ours. */
  readonly lost: AbortSignal;
  /** @throws RetryableError `lock-lost` */
  confirm(): Promise<void>;
}

export interface ProbePort {
  read(
    signal: AbortSignal,
  ): Promise<Pick<Load, 'replicaLagMs' | 'threadsRunning' | 'historyListLength'>>;
}

export interface HeldLocks extends LocksPort {
  release(): Promise<void>;
}

/** Asks capture to look for rows of which the ledger lacks the ids. */
export interface RequestsPort {
  ask(range: { readonly from: number; readonly to: number }, signal: AbortSignal): Promise<void>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
