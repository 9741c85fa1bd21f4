import { RetryableError } from '@scoreline/service';

import { checkNobodyAdds } from '../existing-rows.ts';
import type { LoadedRange, Range } from '../range.ts';
import type { AskedIds, Destination, RangeLimits, Sink, WriteAttempt } from '../sink.ts';
import { decodeRow } from './sample-rows.ts';

export const TEST_LIMITS: RangeLimits = {
  rows: 1000,
  bytes: 1_000_000,
  minRows: 1,
  ageMs: 0,
  spacingMs: 0,
};

/**
 * A destination that several sinks of a test may share, as processes share a table. Idempotent by
 * identity, as every destination must be; the oracle is how often each id was written.
 */
export class MemoryDestination {
  readonly identities = new Set<string>();
  readonly times = new Map<number, number>();
  /** What was written, as Avro. */
  readonly datums: Buffer[] = [];
  readonly written: { identity: string; first: bigint; last: bigint; attempt: WriteAttempt }[] = [];
  fingerprint = 'memory-1';

  ids(): number[] {
    return [...this.times.keys()].sort((a, b) => a - b);
  }

  twice(): number[] {
    return [...this.times].filter(([, times]) => times > 1).map(([id]) => id);
  }

  async take(range: Range, attempt: WriteAttempt): Promise<void> {
    const { identity, first, last } = range;
    const loaded = await range.load();
    this.written.push({ identity, first, last, attempt });
    if (this.identities.has(identity)) return;
    const there = this.#thereOf(loaded, attempt);
    this.identities.add(identity);
    for (const [index, id] of loaded.ids.entries()) {
      if (there.has(id)) continue;
      this.times.set(id, (this.times.get(id) ?? 0) + 1);
      this.datums.push(Buffer.from(loaded.datum(index)));
    }
  }

  /** A row that another archiver has written. */
  archive(id: number, datum: Buffer): void {
    this.times.set(id, (this.times.get(id) ?? 0) + 1);
    this.datums.push(datum);
  }

  /** The range's ids that are there, when others may have written them. */
  #thereOf(range: LoadedRange, attempt: WriteAttempt): ReadonlySet<number> {
    if (attempt.heldUpTo === undefined) return new Set();
    const there = new Set(range.ids.filter((id) => this.times.has(id)));
    checkNobodyAdds(range, { highest: Math.max(-1, ...there) }, attempt);
    return there;
  }
}

/** What happens to a write. `before` and `after` surround the moment from which the rows are durable. */
export interface WriteHooks {
  before?(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> | void;
  after?(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> | void;
}

export class MemorySink implements Sink {
  readonly name: string = 'memory';
  readonly findsOwnRows: boolean = true;
  readonly limits: RangeLimits;
  readonly destination: MemoryDestination;
  readonly hooks: WriteHooks;

  constructor(
    destination = new MemoryDestination(),
    hooks: WriteHooks = {},
    limits: Partial<RangeLimits> = {},
  ) {
    this.destination = destination;
    this.hooks = hooks;
    this.limits = { ...TEST_LIMITS, ...limits };
  }

  async start(): Promise<Destination> {
    const { fingerprint, times } = this.destination;
    return { name: 'memory', fingerprint, holdsRows: times.size > 0 };
  }

  async heldUpTo(): Promise<number | null> {
    const highest = this.destination.ids().at(-1);
    return highest ?? null;
  }

  async *heldIds({ from, to }: AskedIds): AsyncGenerator<readonly number[], void> {
    const ids = this.destination.datums.map((datum) => decodeRow(datum).id);
    yield ids.filter((id) => id >= from && id <= to);
  }

  async write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    await this.hooks.before?.(range, attempt, signal);
    signal.throwIfAborted();
    await this.destination.take(range, attempt);
    await this.hooks.after?.(range, attempt, signal);
  }

  async stop(): Promise<void> {}
}

/** An answer that is lost: what was asked for has happened. */
export function lost(): RetryableError {
  return new RetryableError('the answer was lost', { code: 'test-lost' });
}
