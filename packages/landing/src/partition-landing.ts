import { once } from 'node:events';

import type { PoisonError } from '@scoreline/service';
import type { RawRecordBatch } from 'kafkajs';

import { AroundPoison } from './around-poison.ts';
import { dueAtMs } from './due.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { progress, type Progress } from './progress.ts';
import type { Quarantine } from './quarantine.ts';
import { RangeBuilder } from './range-builder.ts';
import { RangeCut } from './range-cut.ts';
import type { Range } from './range.ts';
import { RecommitTimer } from './recommit-timer.ts';
import { RecordReader } from './record-reader.ts';
import type { RangeLimits } from './sink.ts';

/** What one partition needs from the generation that it belongs to. */
export interface PartitionContext {
  readonly topic: string;
  readonly partition: number;
  /** For errors. */
  readonly where: string;
  readonly ledgerUuid: string;
  readonly limits: RangeLimits;
  /** A commit that nothing follows is repeated this often. */
  readonly recommitMs: number;
  /** Aborted when the generation is past: nothing may be started, committed or resolved any more. */
  readonly signal: AbortSignal;
  /** Where records go that cannot land; null when they stop the sink. */
  readonly quarantine: Pick<Quarantine, 'find' | 'keep'> | null;
  /** The writer schema's JSON. */
  schema(id: number): Promise<string>;
  commit(partition: number, next: Progress): Promise<void>;
  write(range: Range, replay: boolean): Promise<void>;
  /** A range has just become durable: the place for metrics. */
  landed(range: Range, replay: boolean): void;
  /** A commit was repeated. */
  recommitted(): void;
  /** Ends the generation, and more if the error says so. */
  fail(error: unknown): void;
}

/** How long nothing may arrive before markers and aborted records at the end are committed past. */
const TAIL_MS = 200;

/**
 * Lands one partition for as long as one generation of the group owns it: records in, ranges cut,
 * each committed as pending, written, committed as landed. One range is in flight while the next
 * one fills; when that is full too, `accept` waits, and so does the fetching.
 */
export class PartitionLanding {
  readonly #context: PartitionContext;
  readonly #reader: RecordReader;
  readonly #aroundPoison: AroundPoison;
  readonly #recommit: RecommitTimer;
  #progress: Progress;
  /** Pending ranges of whoever had the partition before, not yet made again. */
  readonly #replays: bigint[];
  /** The next offset to look at. Above `committed` by what is buffered, in flight, or no record. */
  #position: number;
  #endOffset: number;
  #cut: RangeCut;
  #builder: RangeBuilder;
  #spare: RangeBuilder | null = null;
  #openedAtMs = 0;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #accepting = false;
  #draining = false;
  #inFlight: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: PartitionContext, from: Progress) {
    this.#context = context;
    this.#progress = from;
    this.#replays = [...from.pending];
    this.#position = Number(from.committed);
    this.#endOffset = this.#position;
    this.#reader = new RecordReader(context.topic, context.partition);
    this.#aroundPoison = new AroundPoison({
      ...context,
      now: () => this.#progress,
      commit: (step) => this.#commit(step(this.#progress)),
      finish: (range, replay) => this.#finish(range, replay),
    });
    this.#builder = new RangeBuilder(context.limits.bytes);
    this.#cut = this.#nextCut(this.#position);
    this.#recommit = new RecommitTimer(context.recommitMs, () => this.#commitAgain());
    context.signal.addEventListener('abort', () => this.#clearTimers(), { once: true });
  }

  get partition(): number {
    return this.#context.partition;
  }

  get progress(): Progress {
    return this.#progress;
  }

  get lag(): number {
    return Math.max(0, this.#endOffset - Number(this.#progress.committed));
  }

  get bufferedBytes(): number {
    return this.#builder.byteLength;
  }

  /** Resolves when nothing is being written or committed. Never rejects. */
  async settled(): Promise<void> {
    await this.#inFlight;
  }

  /** The same, and nothing new is started meanwhile. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#clearTimers();
    await this.#inFlight;
  }

  /**
   * Takes over a fetched batch. False: it does not continue where this partition is, because it was
   * asked for in an earlier generation, and must not be resolved.
   */
  async accept(batch: FetchedBatch): Promise<boolean> {
    if (Number(batch.fetchedOffset) > this.#position) return false;
    clearTimeout(this.#timer);
    this.#accepting = true;
    try {
      this.#endOffset = Number(batch.highWatermark);
      for (const raw of batch.messages) {
        if (Number(raw.offset) >= this.#position) await this.#take(raw);
      }
      this.#position = Math.max(this.#position, Number(batch.lastOffset()) + 1);
      this.#cut.lookedAt(this.#position);
      if (this.#cut.full) await this.#close();
      this.#context.signal.throwIfAborted();
    } finally {
      this.#accepting = false;
    }
    this.#schedule();
    return true;
  }

  async #take(raw: RawRecordBatch): Promise<void> {
    this.#reader.open(raw);
    for (;;) {
      const wasEmpty = this.#builder.rows === 0;
      const read = this.#read();
      if (wasEmpty && this.#builder.rows > 0) this.#openedAtMs = performance.now();
      if (read === 'all') return;
      if (read === 'a range') await this.#close();
      else await this.#passOver(read);
    }
  }

  /** Until the fetched records or the range are at an end, or at a record that cannot be read but may be passed. */
  #read(): 'all' | 'a range' | PoisonError {
    try {
      return this.#reader.readInto(this.#cut, this.#builder) ? 'all' : 'a range';
    } catch (error) {
      return this.#aroundPoison.passable(error);
    }
  }

  /** Goes on behind a record that cannot be read, once everything before it has landed. */
  async #passOver(poison: PoisonError): Promise<void> {
    const offset = Number(poison.offset ?? -1n);
    if (this.#cut.end !== null && offset <= this.#cut.end) throw poison;
    if (this.#cut.rows > 0) await this.#close();
    await this.#turn();
    this.#run(() => this.#aroundPoison.unread(poison));
    await this.#turn();
    this.#cut = this.#nextCut(offset + 1);
  }

  /** Ends the open range, which is landed in the background as soon as the one before has landed. */
  async #close(): Promise<void> {
    await this.#turn();
    this.#start();
  }

  /** Resolves when nothing is in flight and something may be started. */
  async #turn(): Promise<void> {
    await this.#inFlight;
    const { signal } = this.#context;
    if (this.#draining && !signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
  }

  #start(): void {
    const builder = this.#builder;
    const cut = this.#cut;
    this.#builder = this.#spare ?? new RangeBuilder(this.#context.limits.bytes);
    this.#spare = null;
    this.#cut = this.#nextCut(cut.last + 1);
    this.#startedAtMs = performance.now();
    this.#run(async () => {
      const { ledgerUuid, topic, partition } = this.#context;
      const range = builder.finish({
        ledgerUuid,
        topic,
        partition,
        first: BigInt(cut.first),
        last: BigInt(cut.last),
        schema: await this.#context.schema(cut.schemaId),
      });
      await this.#land(range, cut.end !== null);
      builder.clear();
      this.#spare = builder;
    });
  }

  async #land(range: Range, replay: boolean): Promise<void> {
    if (!replay) await this.#commit(progress.begin(this.#progress, range));
    await this.#finish(range, replay);
  }

  /** Lands a range that is pending; around records that cannot land, where those are put aside. */
  async #finish(pending: Range, replay: boolean): Promise<void> {
    for (let range: Range | null = pending; range !== null;) {
      try {
        await this.#context.write(range, replay);
      } catch (error) {
        const poison = this.#aroundPoison.passable(error);
        range = await this.#aroundPoison.inRange(range, replay, poison);
        continue;
      }
      await this.#commit(progress.land(this.#progress, range, Date.now()));
      this.#context.landed(range, replay);
      return;
    }
  }

  async #commit(next: Progress): Promise<void> {
    await this.#context.commit(this.#context.partition, next);
    this.#progress = next;
    this.#recommit.restart();
  }

  /** What is in flight commits by itself, and until then its group is alive, of which nothing expires. */
  #commitAgain(): void {
    if (this.#accepting || this.#inFlight) {
      this.#recommit.restart();
      return;
    }
    this.#run(async () => {
      await this.#commit(this.#progress);
      this.#context.recommitted();
    });
  }

  #clearTimers(): void {
    clearTimeout(this.#timer);
    this.#recommit.stop();
  }

  #run(work: () => Promise<void>): void {
    const settle = async () => {
      try {
        await work();
      } catch (error) {
        this.#context.fail(error);
      }
      this.#inFlight = null;
      this.#schedule();
    };
    this.#inFlight = settle();
  }

  #nextCut(start: number): RangeCut {
    const end = this.#replays.shift();
    const { limits, where } = this.#context;
    return new RangeCut({
      start,
      end: end === undefined ? null : Number(end),
      rows: limits.rows,
      bytes: limits.bytes,
      where,
    });
  }

  /** What to do when nothing further arrives: land what is open when it is due, or skip the tail. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#accepting || this.#inFlight || this.#draining) return;
    if (this.#context.signal.aborted) return;
    if (this.#cut.end !== null) return;
    if (this.#builder.rows > 0) {
      const due = dueAtMs(
        {
          rows: this.#builder.rows,
          openedAtMs: this.#openedAtMs,
          previousStartMs: this.#startedAtMs,
        },
        this.#context.limits,
      );
      this.#timer = setTimeout(() => this.#flush(), Math.max(0, due - performance.now()));
    } else if (BigInt(this.#position) > this.#progress.committed) {
      this.#timer = setTimeout(() => this.#skipTail(), TAIL_MS);
    }
  }

  #flush(): void {
    if (this.#accepting || this.#inFlight) return;
    this.#start();
  }

  #skipTail(): void {
    if (this.#accepting || this.#inFlight || this.#builder.rows > 0) return;
    const next = progress.skipTail(this.#progress, BigInt(this.#position));
    this.#run(() => this.#commit(next));
  }
}
