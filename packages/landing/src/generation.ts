import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { isStaleMember } from '@scoreline/kafka';
import type { TopicVersion } from '@scoreline/schema';
import { type Logger, RetryableError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import { Committer, type CommitOnce, type Membership, UnknownCommitError } from './committer.ts';
import { besideOthers, type ExistingRows } from './existing-rows.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { readGroup } from './group-offsets.ts';
import { beginningOf, type OtherTopic } from './other-topics.ts';
import { type Accepted, WAITS } from './partition-context.ts';
import { PartitionLanding } from './partition-landing.ts';
import type { Progress } from './progress.ts';
import type { Quarantine } from './quarantine.ts';
import { rangeStorage, type Tenant } from './range-storage.ts';
import type { Range } from './range.ts';
import { resume } from './resume.ts';
import type { Destination, RangeLimits, WriteAttempt } from './sink.ts';
import type { Spool } from './spool.ts';

/** What all generations of a session share. */
export interface LandingScope {
  readonly topic: string;
  readonly version: TopicVersion;
  readonly group: string;
  /** Other versions' topics, which land in the same destination. */
  readonly others: readonly OtherTopic[];
  readonly ledgerUuid: string;
  readonly destination: Destination;
  readonly limits: RangeLimits;
  /** Of fetched and not landed rows, in memory, for all partitions of the topic together. */
  readonly bufferBytes: number;
  /** A commit that nothing follows is repeated this often. */
  readonly recommitMs: number;
  /** Where records go that cannot land; null when they stop the sink. */
  readonly quarantine: Pick<Quarantine, 'find' | 'keep'> | null;
  /** Where ranges wait that may be larger than memory; null when the sink has none. */
  readonly spool: Spool | null;
  /** All partitions that share the spool, those of other topics too. */
  readonly tenants: () => Iterable<Tenant>;
  readonly log: Logger;
  schema(id: number, signal: AbortSignal): Promise<string>;
  /** What becomes of rows that the destination holds when a group begins. */
  readonly existing: ExistingRows;
  write(range: Range, known: Omit<WriteAttempt, 'number'>, signal: AbortSignal): Promise<void>;
  /** A range has just become durable: the place for metrics. */
  landed(range: Range, replay: boolean): void;
  /** A commit was repeated. */
  recommitted(partition: number): void;
  closedEarly(partition: number): void;
}

export interface GenerationDeps {
  readonly scope: LandingScope;
  readonly admin: Admin;
  readonly consumer: CommitOnce;
  /** What is wrong beyond this generation: the session must end. */
  fail(error: unknown): void;
}

/** How often a member looks whether every partition has its first commit. */
const FIRST_COMMITS_POLL_MS = 250;

/** Batches that do not fit to what has landed, before the consumer is given up. */
const MISFITS = 20;

/**
 * One membership of the consumer group, from a join to the next: the partitions assigned in it, with
 * their state read from the broker after the join. It ends as a whole; nothing of it is carried over.
 */
export class Generation {
  readonly membership: Membership;
  readonly partitions: readonly number[];
  readonly #deps: GenerationDeps;
  readonly #controller = new AbortController();
  readonly #ready: Promise<ReadonlyMap<number, PartitionLanding>>;
  #landings: ReadonlyMap<number, PartitionLanding> = new Map();
  #isReady = false;
  #misfits = 0;

  /** @param before settles when the generation before this one has let go of everything. */
  constructor(
    membership: Membership,
    partitions: readonly number[],
    before: Promise<void>,
    deps: GenerationDeps,
  ) {
    this.membership = membership;
    this.partitions = partitions;
    this.#deps = deps;
    // Every partition listens, and every request that is under way.
    setMaxListeners(0, this.signal);
    this.#ready = this.#open(before);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isReady(): boolean {
    return this.#isReady && !this.signal.aborted;
  }

  get landings(): ReadonlyMap<number, PartitionLanding> {
    return this.#landings;
  }

  fetched({ memberId, generationId }: Membership): boolean {
    return memberId === this.membership.memberId && generationId === this.membership.generationId;
  }

  /** Only of a batch that was `taken` the offsets may be resolved. */
  async accept(batch: FetchedBatch): Promise<Accepted> {
    const landings = await this.#ready;
    this.signal.throwIfAborted();
    const accepted = (await landings.get(batch.partition)?.accept(batch)) ?? 'elsewhere';
    if (accepted !== 'elsewhere') {
      this.#misfits = 0;
      return accepted;
    }
    if (++this.#misfits < MISFITS) return accepted;
    throw new RetryableError(
      `the consumer goes on at ${batch.topic}[${batch.partition}] offset ${batch.fetchedOffset}, which leaves records out`,
      { code: 'consumer-skipped' },
    );
  }

  /** Resolves when a batch of this partition may be offered again. Never rejects. */
  async again(partition: number): Promise<void> {
    await this.#landings.get(partition)?.again();
  }

  /** Takes nothing further in. Resolves when what is there has landed, or is left for whoever is next. */
  async drain(): Promise<void> {
    await Promise.all([...this.#landings.values()].map((landing) => landing.drain()));
  }

  /** Nothing is started, committed or resolved any more. What is under way is aborted. */
  end(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** After the end: resolves when nothing of this generation is under way or takes room. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#ready]);
    await Promise.all([...this.#landings.values()].map((landing) => landing.settled()));
  }

  /** An error under way: the generation is over, and unless the group has just gone on, the session too. */
  fail(error: unknown): void {
    const wasOver = this.signal.aborted;
    this.end(error);
    if (isStaleMember(error) || (wasOver && !(error instanceof UnknownCommitError))) return;
    this.#deps.fail(error);
  }

  async #open(before: Promise<void>): Promise<ReadonlyMap<number, PartitionLanding>> {
    await before;
    try {
      const resumed = await this.#readAfterJoin();
      const { scope } = this.#deps;
      const { limits, storage } = rangeStorage({
        ...scope,
        partitions: this.partitions.length,
      });
      const committer = this.#committer();
      this.#landings = new Map(
        [...resumed].map(([partition, from]) => [
          partition,
          new PartitionLanding(
            {
              topic: scope.topic,
              version: scope.version,
              partition,
              where: `${scope.topic}[${partition}]`,
              ledgerUuid: scope.ledgerUuid,
              limits,
              recommitMs: scope.recommitMs,
              quarantine: scope.quarantine,
              storage,
              waits: WAITS,
              signal: this.signal,
              schema: (id) => scope.schema(id, this.signal),
              commit: (one, next) => committer.commit([[one, next]]),
              write: (range, known) => scope.write(range, known, this.signal),
              landed: (range, replay) => scope.landed(range, replay),
              recommitted: () => scope.recommitted(partition),
              closedEarly: (one) => scope.closedEarly(one),
              fail: (error) => this.fail(error),
            },
            from,
          ),
        ]),
      );
      this.#isReady = true;
    } catch (error) {
      this.fail(error);
    }
    return this.#landings;
  }

  async #readAfterJoin(): Promise<ReadonlyMap<number, Progress>> {
    const { scope, admin } = this.#deps;
    const resumed = new Map<number, Progress>();
    const first = new Map<number, Progress>();
    const all = await readGroup(admin, scope);
    const beginning = await beginningOf(admin, all, scope);
    const dest = { ...scope.destination, holdsRows: beginning.holdsRows };
    for (const found of all) {
      this.signal.throwIfAborted();
      if (!this.partitions.includes(found.partition)) continue;
      const { progress, isNew } = resume(found, {
        dest,
        accepted: undefined,
        antiJoin: scope.existing.antiJoin,
      });
      (isNew ? first : resumed).set(found.partition, progress);
    }
    if (first.size > 0) {
      const begun = await besideOthers(first, scope, { ...beginning, signal: this.signal });
      await this.#committer().commit(begun);
      for (const [partition, progress] of begun) resumed.set(partition, progress);
      await this.#untilAllHaveOffsets();
    }
    return resumed;
  }

  /**
   * Nobody writes before every partition has a commit, also those of other members. So a partition
   * without one beside a destination that holds rows always means that offsets were lost.
   */
  async #untilAllHaveOffsets(): Promise<void> {
    const { scope, admin } = this.#deps;
    for (;;) {
      const all = await readGroup(admin, scope);
      if (all.every(({ committed }) => committed !== null)) return;
      await delay(FIRST_COMMITS_POLL_MS, undefined, { signal: this.signal });
    }
  }

  #committer(): Committer {
    const { scope, consumer } = this.#deps;
    const { membership, signal } = this;
    return new Committer(consumer, { membership, topic: scope.topic, signal });
  }
}
