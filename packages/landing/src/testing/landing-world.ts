import { LOG_SCORE_V1_JSON, VERSION_1 } from '@scoreline/schema';
import { deferred, PoisonError } from '@scoreline/service';

import { formatCommitMetadata, parseCommitMetadata } from '../commit-metadata.ts';
import type { FetchedBatch } from '../fetched-batch.ts';
import type { LogRecord, RecordPlaces } from '../log-record.ts';
import { PartitionLanding } from '../partition-landing.ts';
import { progress, type Progress } from '../progress.ts';
import type { PoisonRecord } from '../quarantine.ts';
import { rangeStorage } from '../range-storage.ts';
import type { Range } from '../range.ts';
import type { RangeLimits } from '../sink.ts';
import { Spool } from '../spool.ts';
import { MemoryDisk } from './memory-disk.ts';
import { quiet } from './pipeline.ts';
import { rawBatchOf } from './raw-batch.ts';
import { encodeRow, sampleRow } from './sample-rows.ts';

/** Not even the first field of a row. */
const UNREADABLE = Buffer.from([0xff]);
const PER_PARTITION = 1e6;

const WAITS = { tailMs: 1, patienceMs: 8, lookAgainMs: 4 };

export interface LifeOptions {
  readonly limits: RangeLimits;
  readonly bufferBytes: number;
  /** Null: ranges are in memory. */
  readonly spoolBytes: number | null;
  readonly diskBytes: number;
  /** Of writes and commits, how many go wrong. */
  readonly faults: number;
}

/**
 * Brokers and a destination in a few lines around the real PartitionLandings of one member: what is
 * there, how commits and writes may end, and what must be true whatever happens. Ids are unique, so
 * the oracle is how often each was written.
 */
export class LandingWorld {
  readonly times = new Map<number, number>();
  /** Ids of rows that the destination does not take, or whose records cannot be read. */
  readonly poison = new Set<number>();
  readonly quarantined = new Set<number>();
  readonly violations: string[] = [];
  /** The most ranges of a partition that were written at a time. */
  mostInFlight = 0;
  closedEarly = 0;
  recommits = 0;
  refusals = 0;
  readonly random: () => number;
  readonly #logs: { readonly records: FetchedBatch['messages']; readonly end: number }[];
  readonly #commits: { offset: bigint; metadata: string }[];
  readonly #poison: number;
  readonly #identities = new Set<string>();
  readonly #ids = new Map<number, readonly number[]>();

  /** @param poison of the records, how many cannot land */
  constructor(seed: number, partitions: number, poison = 0) {
    this.random = lcg(seed);
    this.#poison = poison;
    this.#logs = Array.from({ length: partitions }, (_, partition) => this.#makeLog(partition));
    this.#commits = this.#logs.map(() => ({
      offset: 0n,
      metadata: formatCommitMetadata(progress.initial(0n, 'dest')),
    }));
  }

  get ids(): number[] {
    return [...this.#ids.values()].flat();
  }

  get lag(): number {
    return this.#logs.reduce((sum, { end }, i) => sum + end - Number(this.#commits[i]!.offset), 0);
  }

  /** What the commits say of records in quarantine. */
  get quarantinedCount(): number {
    const counts = this.#commits.map(
      ({ metadata }) => parseCommitMetadata(metadata, 'model').quarantined?.count ?? 0,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  /** One membership: consumes until everything has landed, something fails, or `ends` resolves. */
  async live(options: LifeOptions, ends: Promise<unknown>, drains = false): Promise<void> {
    const { limits, bufferBytes, spoolBytes, diskBytes } = options;
    const over = new AbortController();
    const failed = deferred();
    const disk = new MemoryDisk(diskBytes);
    const spool =
      spoolBytes === null
        ? null
        : new Spool({
            folder: 'memory',
            budgetBytes: spoolBytes,
            log: quiet,
            open: () => disk.open(),
          });
    const landings: PartitionLanding[] = [];
    const partitions = this.#logs.length;
    const shared = rangeStorage({
      limits,
      bufferBytes,
      spool,
      partitions,
      tenants: () => landings,
      blockBytes: { min: 100, max: 1000 },
    });
    for (const [partition, commit] of this.#commits.entries()) {
      const metadata = parseCommitMetadata(commit.metadata, 'model');
      const writing = { now: 0 };
      const context = {
        topic: 't',
        version: VERSION_1,
        partition,
        where: `t[${partition}]`,
        ledgerUuid: 'u',
        ...shared,
        waits: WAITS,
        recommitMs: 2,
        quarantine: {
          find: (places: Omit<RecordPlaces, 'topic'>) => this.#find(places, options),
          keep: (one: PoisonRecord) => this.#keep(one, options),
        },
        signal: over.signal,
        schema: async () => LOG_SCORE_V1_JSON,
        commit: (one: number, next: Progress) => this.#commit(one, next, options, over.signal),
        write: async (range: Range) => {
          this.mostInFlight = Math.max(this.mostInFlight, ++writing.now);
          try {
            await this.#write(range, options, over.signal);
          } finally {
            writing.now--;
          }
        },
        landed: () => {},
        closedEarly: () => {
          this.closedEarly++;
        },
        recommitted: () => {
          this.recommits++;
        },
        fail: (error: unknown) => {
          if (!isExpected(error)) this.violations.push(String(error));
          over.abort(error);
          failed.resolve();
        },
      };
      landings.push(new PartitionLanding(context, { committed: commit.offset, ...metadata }));
    }
    const consuming = this.#consume(landings, over.signal).catch(context(over));
    await Promise.race([ends, failed.promise, this.#untilLanded(over.signal)]);
    if (drains && !over.signal.aborted) {
      await Promise.race([Promise.all(landings.map((landing) => landing.drain())), failed.promise]);
    }
    over.abort(new Expected('the life is over'));
    await Promise.all(landings.map((landing) => landing.settled()));
    await consuming;
    this.refusals += disk.refusals;
    if (disk.openFiles > 0) this.violations.push(`${disk.openFiles} files left open`);
    if ((spool?.usedBytes ?? 0) !== 0)
      this.violations.push(`${spool?.usedBytes} bytes in the spool`);
  }

  /** As kafkajs's fetcher: one fetch for all partitions that are not paused, the next when all have been dealt with. */
  async #consume(landings: readonly PartitionLanding[], signal: AbortSignal): Promise<void> {
    const next = this.#commits.map(({ offset }) => Number(offset));
    const paused = new Set<number>();
    while (!signal.aborted) {
      await tick();
      const fetched = landings.filter(({ partition }) => !paused.has(partition));
      await Promise.all(
        fetched.map(async (landing) => {
          const { partition } = landing;
          const batch = this.#fetch(partition, next[partition]!);
          if (batch === null) return;
          const accepted = await landing.accept(batch);
          if (accepted === 'taken') next[partition] = Number(batch.lastOffset()) + 1;
          if (accepted === 'elsewhere') this.violations.push('a batch does not fit');
          if (accepted !== 'later') return;
          paused.add(partition);
          void landing.again().then(() => paused.delete(partition));
        }),
      );
    }
  }

  #fetch(partition: number, from: number): FetchedBatch | null {
    const { records, end } = this.#logs[partition]!;
    if (from >= end) return null;
    const at = records.findIndex(({ offset }) => Number(offset) >= from);
    const messages = at < 0 ? [] : records.slice(at, at + 1 + this.below(3));
    const isLast = at < 0 || at + messages.length === records.length;
    const last = isLast ? end - 1 : Number(messages.at(-1)!.offset);
    return {
      topic: 't',
      partition,
      fetchedOffset: String(from),
      highWatermark: String(end),
      messages,
      lastOffset: () => String(last),
      memberId: 'm',
      generationId: 1,
    };
  }

  async #untilLanded(signal: AbortSignal): Promise<void> {
    while (this.lag > 0 && !signal.aborted) await tick();
  }

  async #commit(
    partition: number,
    next: Progress,
    { faults }: LifeOptions,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#while();
    signal.throwIfAborted();
    const fate = this.random();
    const before = this.#commits[partition]!;
    if (next.committed < before.offset) this.violations.push('a commit goes backwards');
    for (const id of this.#ids.get(partition)!) {
      if (id % PER_PARTITION >= next.committed) break;
      if (!this.times.has(id) && !this.quarantined.has(id)) this.violations.push(`${id} is lost`);
    }
    if (fate > faults / 2) {
      this.#commits[partition] = { offset: next.committed, metadata: formatCommitMetadata(next) };
    }
    if (fate < faults) throw new Expected('whether it was committed is not known');
  }

  async #write(range: Range, { faults }: LifeOptions, signal: AbortSignal): Promise<void> {
    const { pending } = parseCommitMetadata(this.#commits[range.partition]!.metadata, 'model');
    if (!pending.includes(range.last)) this.violations.push('a write before its commit');
    const ids: number[] = [];
    for await (const chunk of range.chunks()) {
      ids.push(...chunk.ids);
      await tick();
      signal.throwIfAborted();
    }
    await this.#while();
    const fate = this.random();
    // A write whose client has gone may still be carried out.
    if (signal.aborted && fate < 0.5) signal.throwIfAborted();
    if (fate < faults / 2) throw new Expected('not written');
    const rows = [...ids.keys()].filter((row) => this.poison.has(ids[row]!));
    if (rows.length > 0) {
      throw new PoisonError('poison', { code: 'test', row: rows[this.below(rows.length)] });
    }
    if (!this.#identities.has(range.identity)) {
      this.#identities.add(range.identity);
      for (const id of ids) this.times.set(id, (this.times.get(id) ?? 0) + 1);
    }
    if (fate < faults) throw new Expected('the answer was lost');
  }

  async #find(
    { partition, first, indexes }: Omit<RecordPlaces, 'topic'>,
    { faults }: LifeOptions,
  ): Promise<readonly LogRecord[]> {
    await this.#while();
    if (this.random() < faults) throw new Expected('not found');
    const offsets = this.#ids.get(partition)!.map((id) => BigInt(id % PER_PARTITION));
    const at = offsets.findIndex((offset) => offset >= first);
    return indexes.map((index) => ({
      offset: offsets[at + index]!,
      before: index === 0 ? null : offsets[at + index - 1]!,
      key: null,
      value: null,
      timestampMs: 0,
    }));
  }

  async #keep({ partition, record }: PoisonRecord, { faults }: LifeOptions): Promise<void> {
    await this.#while();
    const fate = this.random();
    if (fate < faults / 2) throw new Expected('not kept');
    this.quarantined.add(partition * PER_PARTITION + Number(record.offset));
    if (fate < faults) throw new Expected('whether it was kept is not known');
  }

  async #while(): Promise<void> {
    for (let turns = this.below(12); turns > 0; turns--) await tick();
  }

  #makeLog(partition: number): { records: FetchedBatch['messages']; end: number } {
    const records: FetchedBatch['messages'][number][] = [];
    const ids: number[] = [];
    let offset = 0;
    for (let batch = 2 + this.below(25); batch > 0; batch--) {
      offset += this.random() < 0.3 ? this.below(5) : 0;
      const rows = Array.from(
        { length: 1 + this.below(12) },
        (_, i) => partition * PER_PARTITION + offset + i,
      );
      ids.push(...rows);
      records.push(
        rawBatchOf(
          offset,
          rows.map((id) => this.#datum(id)),
        ),
      );
      offset += rows.length;
    }
    this.#ids.set(partition, ids);
    // Markers and aborted records at the end.
    return { records, end: offset + this.below(3) };
  }

  #datum(id: number): Buffer {
    if (this.#poison > 0 && this.random() < this.#poison) {
      this.poison.add(id);
      if (this.random() < 0.5) return UNREADABLE;
    }
    return encodeRow(sampleRow(id));
  }
}

class Expected extends Error {}

function isExpected(error: unknown): boolean {
  return error instanceof Expected;
}

/** What `accept` throws once its life is over. */
function context(over: AbortController): (error: unknown) => void {
  return (error) => {
    if (!over.signal.aborted) throw error;
  };
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
