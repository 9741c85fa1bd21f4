import type { Range } from './range.ts';

/** How large a range may grow before it is landed: the destination knows its quota. */
export interface RangeLimits {
  readonly rows: number;
  readonly bytes: number;
  /** Fewer rows than this wait for more until the range is `ageMs` old; never longer. */
  readonly minRows: number;
  /** Milliseconds from the first record's arrival. */
  readonly ageMs: number;
  /** A range that is not full starts at least this long after the partition's one before it. */
  readonly spacingMs: number;
  /**
   * How many ranges of a partition may be written at the same time: 1, unless said otherwise. More is
   * for destinations that answer late, and in any order.
   */
  readonly inFlight?: number;
}

/** What rows land in. A different fingerprint means another table, bucket or folder: doubt, so stop. */
export interface Destination {
  /** In words, for errors and logs: `ClickHouse table ntp.log_scores`. */
  readonly name: string;
  /** Table UUID, bucket creation time, marker file: whatever does not survive a re-creation. At most 512 bytes. */
  readonly fingerprint: string;
  /** Whether it held rows when the sink started: then a group without offsets must not start from nothing. */
  readonly holdsRows: boolean;
  /** The topics whose rows it holds, where it can tell them apart. */
  readonly topics?: readonly string[];
}

/** Which ids are asked for. */
export interface AskedIds {
  /** Both inclusive. */
  readonly from: number;
  readonly to: number;
  /**
   * Rows of others with ids up to this one were there before a group of this sink began, and the group has left
   * them as they are. Absent when there were none: what others keep elsewhere in the destination does not count.
   */
  readonly heldUpTo?: number;
}

/**
 * Where ranges land. Everything else (consuming, cutting ranges, identities, commits, retries) is
 * `runSink`'s. Errors say what to do: RetryableError = again with the same identity, for ever;
 * PermanentError / ConfigError = stop; PoisonError = the record that its `row` names cannot land,
 * and nothing of the range has: what is around it may be written as other ranges.
 */
export interface Sink {
  /** Metrics label and group id, `sink-<name>.<topic>`. */
  readonly name: string;
  readonly limits: RangeLimits;
  /**
   * Its ranges may be larger than memory: they wait in files (`spool_dir`), up to `spool_bytes` for all
   * partitions, and are to be read with `chunks()`. Otherwise `buffer_bytes` bounds them.
   */
  readonly spools?: boolean;
  /** Connects, creates or checks tables, buckets, folders. */
  start(signal: AbortSignal): Promise<Destination>;
  /**
   * Every id that the destination holds between these, each as often as it is there, in any order and many at
   * a time: an array is read before the next one is asked for. Rows of other writers count too. A sink that has
   * it can be audited against the ledger. It need not be fast, but its memory must be bounded: millions of ids
   * are asked for at once, since a destination without an index on ids reads all that it has for an answer.
   */
  heldIds?(ids: AskedIds, signal: AbortSignal): AsyncIterable<Float64Array | readonly number[]>;
  /**
   * The highest id that the destination holds now, null when it holds no rows, asked for a topic that begins. A sink that has it can be
   * asked which rows are there, so that it may begin beside those of another archiver: `write` then heeds
   * `attempt.heldUpTo`. Without it `existing_rows=anti-join` is refused.
   */
  heldUpTo?(signal: AbortSignal, topic: string): Promise<number | null>;
  /**
   * What `write` finds there for `attempt.heldUpTo` is whatever the destination holds, from whichever topic: its own
   * rows too. Such a sink can land a backfill; one that tells another archiver's rows alone must not.
   */
  readonly findsOwnRows?: boolean;
  /**
   * Resolves when the range is durable. The same range again is a no-op; `attempt` says whether it
   * may have been started before, so that what is there must be asked. When the signal is aborted
   * the range's partition is not ours any more: reject soon, without starting anything further.
   */
  write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export interface WriteAttempt {
  /** 1, 2, ... within this process. */
  readonly number: number;
  /** The range was pending when this process took the partition over: another process may have begun, even finished it. */
  readonly replay: boolean;
  /**
   * Rows of the range with ids up to this one may be there already, by somebody else's doing: they are
   * left as they are, and the others land. Absent when none of the range's can be.
   */
  readonly heldUpTo?: number;
}
