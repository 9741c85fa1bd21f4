import { once } from 'node:events';

import { PoisonError } from '@scoreline/service';
import type { RawRecordBatch } from 'kafkajs';

import { AroundPoison } from './around-poison.ts';
import { CommitChain } from './commit-chain.ts';
import { heldOf } from './existing-rows.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { InFlight } from './in-flight.ts';
import { OpenRange } from './open-range.ts';
import type { Accepted, Obstacle, PartitionContext } from './partition-context.ts';
import { progress, type Progress } from './progress.ts';
import type { Tenant } from './range-storage.ts';
import { RecommitTimer } from './recommit-timer.ts';
import { RecordReader } from './record-reader.ts';
import { within } from './within.ts';

/**
 * Lands one partition for as long as one generation of the group owns it: records in, ranges cut,
 * and handed on to be committed as pending, written, committed as landed. One range fills while
 * others are in flight. When it must end and no more may be in flight, or there is no room for more of
 * it, `accept` waits, and before long asks for the batch later.
 */
export class PartitionLanding implements Tenant {
  readonly #context: PartitionContext;
  readonly #reader: RecordReader;
  readonly #commits: CommitChain;
  readonly #inFlight: InFlight;
  readonly #open: OpenRange;
  readonly #aroundPoison: AroundPoison;
  readonly #recommit: RecommitTimer;
  /** The next offset to look at. Above `committed` by what is buffered, in flight, or no record. */
  #position: number;
  #endOffset: number;
  #accepting: Promise<boolean> | null = null;
  /** A commit over what is no row, or is in quarantine. */
  #skipping: Promise<void> | null = null;
  #waitsFor: Obstacle | null = null;
  #draining = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: PartitionContext, from: Progress) {
    const { ledgerUuid, topic, partition, where, limits, storage, signal } = context;
    this.#context = context;
    this.#recommit = new RecommitTimer(context.recommitMs, () => void this.#commitAgain());
    this.#commits = new CommitChain(from, async (next) => {
      await context.commit(partition, next);
      this.#recommit.restart();
    });
    this.#aroundPoison = new AroundPoison({
      partition,
      ledgerUuid,
      signal,
      quarantine: context.quarantine,
      now: () => this.progress,
      commit: (step) => this.#commits.add(step),
      finish: async (range, replay) => void (await this.#inFlight.finish(range, replay)),
    });
    this.#inFlight = new InFlight(limits.inFlight ?? 1, {
      commits: this.#commits,
      aroundPoison: this.#aroundPoison,
      write: (range, replay) => context.write(range, { replay, ...heldOf(range, this.progress) }),
      landed: (range, replay) => context.landed(range, replay),
      left: () => this.#schedule(),
      fail: (error) => context.fail(error),
    });
    this.#open = new OpenRange(
      {
        source: { ledgerUuid, topic, partition },
        where,
        limits,
        filler: () => storage.filler(),
        schema: (id) => context.schema(id),
      },
      from,
    );
    this.#position = Number(from.committed);
    this.#endOffset = this.#position;
    this.#reader = new RecordReader(topic, partition, context.version);
    signal.addEventListener('abort', () => this.#clearTimers(), { once: true });
  }

  get topic(): string {
    return this.#context.topic;
  }

  get partition(): number {
    return this.#context.partition;
  }

  get progress(): Progress {
    return this.#commits.progress;
  }

  get lag(): number {
    return Math.max(0, this.#endOffset - Number(this.progress.committed));
  }

  get bufferedBytes(): number {
    return this.#open.byteLength;
  }

  get openRows(): number {
    return this.#open.rows;
  }

  get inFlight(): number {
    return this.#inFlight.count;
  }

  get waitsFor(): Obstacle | null {
    return this.#waitsFor;
  }

  get openBytes(): number {
    return this.#open.spooledBytes;
  }

  get leavingBytes(): number {
    return this.#inFlight.spooledBytes;
  }

  get isReplay(): boolean {
    return this.#open.isReplay;
  }

  get canClose(): boolean {
    return this.#isIdle && this.#open.mayEnd && this.#inFlight.hasSlot;
  }

  get #isIdle(): boolean {
    return this.#accepting === null && !this.#draining && !this.#context.signal.aborted;
  }

  /** After the generation's end: resolves when nothing is under way, and files are let go. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#accepting]);
    await this.#inFlight.settled();
    await this.#skipping;
    await this.#commits.settled();
    await this.#open.abandon();
  }

  /**
   * Takes in nothing further. Resolves when what is in flight has landed, and the open range if that
   * would not have waited for more rows. What is left is fetched again by whoever is next.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#clearTimers();
    while (this.#open.isWorthLanding && !this.#context.signal.aborted) {
      if (this.#inFlight.hasSlot) this.#inFlight.start(this.#open.depart());
      else await this.#inFlight.oldest();
    }
    await this.#inFlight.settled();
    if (this.#canSkipTail && !this.#context.signal.aborted) this.#skipTail();
    await this.#skipping;
    await this.#commits.settled();
  }

  async accept(batch: FetchedBatch): Promise<Accepted> {
    if (Number(batch.fetchedOffset) > this.#position) return 'elsewhere';
    clearTimeout(this.#timer);
    this.#waitsFor = null;
    this.#accepting = this.#takeAll(batch);
    let taken: boolean;
    try {
      taken = await this.#accepting;
    } finally {
      this.#accepting = null;
    }
    this.#schedule();
    return taken ? 'taken' : 'later';
  }

  /** After `later`: resolves when a batch may be offered again. Never rejects. */
  async again(): Promise<void> {
    if (this.#waitsFor === 'ranges in flight') return this.#inFlight.oldest();
    const { storage, signal, waits } = this.#context;
    await within(waits.lookAgainMs, storage.changed(), signal).catch(() => {});
  }

  closeEarly(): void {
    this.#context.closedEarly(this.partition);
    clearTimeout(this.#timer);
    this.#inFlight.start(this.#open.depart());
  }

  async #takeAll(batch: FetchedBatch): Promise<boolean> {
    this.#endOffset = Number(batch.highWatermark);
    for (const raw of batch.messages) {
      if (Number(raw.offset) < this.#position) continue;
      if (!(await this.#take(raw))) return false;
    }
    this.#position = Math.max(this.#position, Number(batch.lastOffset()) + 1);
    this.#open.lookedAt(this.#position);
    if (this.#open.isFull && this.#inFlight.hasSlot) await this.#close();
    this.#context.signal.throwIfAborted();
    return true;
  }

  async #take(raw: RawRecordBatch): Promise<boolean> {
    this.#reader.open(raw);
    for (;;) {
      const read = this.#read();
      if (read === 'all') return true;
      if (!(await (read === 'a part' ? this.#makeRoom() : this.#passOver(read)))) return false;
    }
  }

  /** Until the fetched records are at an end, the range can take no more, or a record cannot be read but may be passed. */
  #read(): 'all' | 'a part' | PoisonError {
    try {
      return this.#open.read(this.#reader) ? 'all' : 'a part';
    } catch (error) {
      return this.#aroundPoison.passable(error);
    }
  }

  #makeRoom(): Promise<boolean> {
    return this.#open.mustSpill ? this.#spill() : this.#close();
  }

  /** Goes on behind a record that cannot be read, once everything before it has landed. */
  async #passOver(poison: PoisonError): Promise<boolean> {
    // A pending range has none: it would have ended before.
    if (this.#open.isReplay || poison.offset === undefined) throw poison;
    if (this.#open.rows > 0 && !(await this.#close())) return false;
    while (this.#inFlight.count > 0) {
      if (!(await this.#wait('ranges in flight', this.#inFlight.oldest()))) return false;
    }
    await this.#skipping;
    await this.#unlessDraining();
    this.#skip(() => this.#aroundPoison.unread(poison));
    await this.#skipping;
    await this.#unlessDraining();
    this.#open.skipTo(Number(poison.offset) + 1);
    return true;
  }

  /** Ends the open range, as soon as one more may be in flight. */
  async #close(): Promise<boolean> {
    while (!this.#inFlight.hasSlot) {
      if (!(await this.#wait('ranges in flight', this.#inFlight.oldest()))) return false;
    }
    await this.#unlessDraining();
    this.#inFlight.start(this.#open.depart());
    return true;
  }

  /** Makes memory free for more of the open range, or ends it, as the spool has room. */
  async #spill(): Promise<boolean> {
    const { storage } = this.#context;
    for (;;) {
      await this.#unlessDraining();
      const room = storage.room(this, this.#open.memoryBytes);
      if (room === 'write') {
        if (await this.#open.spill()) return true;
      } else if (room === 'wait') {
        if (!(await this.#wait('room in the spool', storage.changed()))) return false;
      } else if (room.close !== this) {
        room.close.closeEarly();
      } else {
        this.#context.closedEarly(this.partition);
        return this.#close();
      }
    }
  }

  async #wait(obstacle: Obstacle, gone: Promise<void>): Promise<boolean> {
    this.#waitsFor = obstacle;
    const { signal, waits } = this.#context;
    const isGone = await within(waits.patienceMs, gone, signal);
    if (isGone) this.#waitsFor = null;
    return isGone;
  }

  /** While draining nothing is taken in: the batch is kept until the generation has ended. */
  async #unlessDraining(): Promise<void> {
    const { signal } = this.#context;
    if (this.#draining && !signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
  }

  /** What to do when nothing further arrives: land what is open when it is due, or skip the tail. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#isIdle) return;
    if (this.canClose) {
      const wait = Math.max(0, this.#open.dueAtMs - performance.now());
      this.#timer = setTimeout(() => this.#flush(), wait);
    } else if (this.#canSkipTail) {
      this.#timer = setTimeout(() => this.#skipIdleTail(), this.#context.waits.tailMs);
    }
  }

  #flush(): void {
    if (this.canClose) this.#inFlight.start(this.#open.depart());
  }

  get #canSkipTail(): boolean {
    if (this.#inFlight.count > 0 || this.#skipping !== null || this.isReplay) return false;
    return this.#open.rows === 0 && BigInt(this.#position) > this.progress.committed;
  }

  #skipIdleTail(): void {
    if (this.#isIdle && this.#canSkipTail) this.#skipTail();
  }

  #skipTail(): void {
    const position = BigInt(this.#position);
    this.#skip(() => this.#commits.add((now) => progress.skipTail(now, position)));
  }

  #skip(commit: () => Promise<void>): void {
    const skip = async () => {
      try {
        await commit();
      } catch (error) {
        this.#context.fail(error);
      }
      this.#skipping = null;
      this.#schedule();
    };
    this.#skipping = skip();
  }

  /** What is under way commits by itself, and until then its group is alive, of which nothing expires. */
  async #commitAgain(): Promise<void> {
    if (!this.#isIdle || this.#inFlight.count > 0 || this.#skipping !== null) {
      this.#recommit.restart();
      return;
    }
    try {
      await this.#commits.add((now) => now);
      this.#context.recommitted();
    } catch (error) {
      this.#context.fail(error);
    }
  }

  #clearTimers(): void {
    clearTimeout(this.#timer);
    this.#recommit.stop();
  }
}
