import type { TopicVersion } from '@scoreline/schema';

import type { Progress } from './progress.ts';
import type { Quarantine } from './quarantine.ts';
import type { RangeStorage } from './range-storage.ts';
import type { Range } from './range.ts';
import type { RangeLimits, WriteAttempt } from './sink.ts';

/** What one partition needs from the generation that it belongs to. */
export interface PartitionContext {
  readonly topic: string;
  readonly version: TopicVersion;
  readonly partition: number;
  /** For errors. */
  readonly where: string;
  readonly ledgerUuid: string;
  readonly limits: RangeLimits;
  readonly storage: RangeStorage;
  readonly waits: Waits;
  /** A commit that nothing follows is repeated this often. */
  readonly recommitMs: number;
  /** Where records go that cannot land; null when they stop the sink. */
  readonly quarantine: Pick<Quarantine, 'find' | 'keep'> | null;
  /** Aborted when the generation is past: nothing may be started, committed or resolved any more. */
  readonly signal: AbortSignal;
  /** The writer schema's JSON. */
  schema(id: number): Promise<string>;
  commit(partition: number, next: Progress): Promise<void>;
  write(range: Range, known: Omit<WriteAttempt, 'number'>): Promise<void>;
  /** A range has just become durable: the place for metrics. */
  landed(range: Range, replay: boolean): void;
  /** A commit was repeated. */
  recommitted(): void;
  /** A range is ended before its time, to make room in the spool. */
  closedEarly(partition: number): void;
  /** Ends the generation, and more if the error says so. */
  fail(error: unknown): void;
}

/**
 * What became of a fetched batch: `taken` over; to be offered again `later`, perhaps with a part of
 * it taken; or from `elsewhere`, because it was asked for in an earlier generation and does not
 * continue where the partition is.
 */
export type Accepted = 'taken' | 'later' | 'elsewhere';

/** What a partition that takes nothing in waits for. */
export type Obstacle = 'ranges in flight' | 'room in the spool';

/** Milliseconds. */
export interface Waits {
  /** How long nothing may arrive before markers and aborted records at the end are committed past. */
  readonly tailMs: number;
  /** How long a batch is kept. The fetch that brought it brings nothing else meanwhile, for no partition. */
  readonly patienceMs: number;
  /** Room is looked for again after this long, whether or not something has left the spool. */
  readonly lookAgainMs: number;
}

export const WAITS: Waits = { tailMs: 200, patienceMs: 2000, lookAgainMs: 1000 };
