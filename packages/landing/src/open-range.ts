import { dueAtMs } from './due.ts';
import type { Departure } from './in-flight.ts';
import type { Progress } from './progress.ts';
import { RangeCut } from './range-cut.ts';
import type { RangeFiller } from './range-filler.ts';
import type { RangeName } from './range-identity.ts';
import type { RecordReader } from './record-reader.ts';
import type { RangeLimits } from './sink.ts';

export interface OpenRangeOptions {
  readonly source: Pick<RangeName, 'ledgerUuid' | 'topic' | 'partition'>;
  /** For errors. */
  readonly where: string;
  readonly limits: RangeLimits;
  readonly filler: () => RangeFiller;
  /** The writer schema's JSON. */
  readonly schema: (id: number) => Promise<string>;
}

/** The range of a partition that fills: where it ends, and what its records are put into. */
export class OpenRange {
  readonly #options: OpenRangeOptions;
  /** Pending ranges of whoever had the partition before, not yet made again. */
  readonly #replays: bigint[];
  readonly #spares: RangeFiller[] = [];
  #cut: RangeCut;
  #filler: RangeFiller;
  #openedAtMs = 0;
  #previousStartMs = Number.NEGATIVE_INFINITY;

  constructor(options: OpenRangeOptions, { committed, pending }: Progress) {
    this.#options = options;
    this.#replays = [...pending];
    this.#filler = options.filler();
    this.#cut = this.#nextCut(Number(committed));
  }

  get rows(): number {
    return this.#filler.rows;
  }

  get byteLength(): number {
    return this.#filler.byteLength;
  }

  get memoryBytes(): number {
    return this.#filler.memoryBytes;
  }

  get spooledBytes(): number {
    return this.#filler.spooledBytes;
  }

  /** It was pending when the partition was taken over, so its end is decided. */
  get isReplay(): boolean {
    return this.#cut.end !== null;
  }

  /** Nothing more belongs to it. */
  get isFull(): boolean {
    return this.#cut.full;
  }

  /** More belongs to it than there is memory for. */
  get mustSpill(): boolean {
    return this.#filler.isFull && !this.#cut.full;
  }

  /** It may end here. */
  get mayEnd(): boolean {
    return this.rows > 0 && (this.#cut.full || !this.isReplay);
  }

  /** It would not wait for more rows. */
  get isWorthLanding(): boolean {
    return this.mayEnd && (this.#cut.full || this.rows >= this.#options.limits.minRows);
  }

  /** When it ends though nothing more arrives: a monotonic clock's milliseconds. */
  get dueAtMs(): number {
    if (this.#cut.full) return this.#openedAtMs;
    const { rows } = this;
    const times = { openedAtMs: this.#openedAtMs, previousStartMs: this.#previousStartMs };
    return dueAtMs({ rows, ...times }, this.#options.limits);
  }

  /**
   * Takes records over. True when there are no more; else it must end, or spill.
   *
   * @throws PoisonError see `RecordReader.readInto`
   */
  read(reader: RecordReader): boolean {
    const wasEmpty = this.rows === 0;
    try {
      return reader.readInto(this.#cut, this.#filler);
    } finally {
      if (wasEmpty && this.rows > 0) this.#openedAtMs = performance.now();
    }
  }

  /** See `RangeCut.lookedAt`. */
  lookedAt(position: number): void {
    this.#cut.lookedAt(position);
  }

  /** False: the disk is full. */
  spill(): Promise<boolean> {
    return this.#filler.spill();
  }

  /** Ends it, and opens the next. */
  depart(): Departure {
    const cut = this.#cut;
    const filler = this.#filler;
    const { source, schema } = this.#options;
    this.#cut = this.#nextCut(cut.last + 1);
    this.#filler = this.#spares.pop() ?? this.#options.filler();
    this.#previousStartMs = performance.now();
    return {
      replay: cut.end !== null,
      get spooledBytes() {
        return filler.spooledBytes;
      },
      range: async () =>
        filler.finish({
          ...source,
          first: BigInt(cut.first),
          last: BigInt(cut.last),
          schema: await schema(cut.schemaId),
        }),
      over: async () => {
        await filler.clear();
        this.#spares.push(filler);
      },
    };
  }

  /** Begins at this offset: before it are only records that have landed, or are passed over. Nothing is in it. */
  skipTo(start: number): void {
    this.#cut = this.#nextCut(start);
  }

  /** Lets go of what has not departed. Never rejects. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.#filler.clear()]);
  }

  #nextCut(start: number): RangeCut {
    const end = this.#replays.shift();
    const { limits, where } = this.#options;
    return new RangeCut({
      start,
      end: end === undefined ? null : Number(end),
      rows: limits.rows,
      bytes: limits.bytes,
      where,
    });
  }
}
