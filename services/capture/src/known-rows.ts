import { bucketOf, type Bucket, type CapturedIds } from '@scoreline/ledger';
import type { TopicVersion } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import { DatumDigests } from './datum-digests.ts';
import type { IdRange } from './id-range.ts';
import { scanBuckets, type ScanBucketsOptions } from './scan-buckets.ts';
import { valuesOf } from './values-of.ts';

/** Buckets whose digests are held at a time: 2 million ids in 19 MB, and one reading of the topic for them. */
const WINDOW_BUCKETS = 32;

export interface KnownRowsOptions extends ScanBucketsOptions {
  readonly captured: CapturedIds;
  /** Of the rows that come. */
  readonly version: TopicVersion;
  /** Of `accept_known`; null where no row may come again. */
  readonly accepted: IdRange | null;
  readonly log: Logger;
}

/** A row as the topic has it. */
export interface TopicDatum {
  /** Topic, partition and offset. */
  readonly where: string;
  readonly datum: Buffer;
  readonly version: TopicVersion;
}

/**
 * What the topic has of rows whose ids are in the ledger, which says where to look.
 *
 * For `accept_known` it is read when the first row comes that is known: the digests of as many
 * buckets of the range as are held at a time, so that a million rows cost one reading.
 */
export class KnownRows {
  readonly #options: KnownRowsOptions;
  /** Number of the window that is held; -1 for none. */
  #window = -1;
  #digests = new DatumDigests([]);

  constructor(options: KnownRowsOptions) {
    this.#options = options;
  }

  /** Whether a row with a known id is to be compared, and not to be a doubt by itself. */
  isAccepted(id: number): boolean {
    const { accepted } = this.#options;
    return accepted !== null && id >= accepted.from && id <= accepted.to;
  }

  /**
   * Whether the topic has these bytes under an accepted id. False also for an id that it has no row of.
   *
   * @throws what reading the topic throws.
   */
  async isSame(id: number, datum: Buffer): Promise<boolean> {
    // A row that is missed may be younger than what was read.
    const isHeld = this.#windowOf(id) === this.#window && this.#digests.has(id);
    if (!isHeld) await this.#read(id);
    const values = valuesOf(datum, this.#options.version);
    return this.#digests.has(id) && this.#digests.matches(id, values);
  }

  /** The row of an id; null when the topic has none, or has none any more. */
  async find(id: number): Promise<TopicDatum | null> {
    const bucket = this.#options.captured.buckets.get(bucketOf(id));
    let found: TopicDatum | null = null;
    await scanBuckets(
      this.#options,
      bucket === undefined ? [] : [bucket],
      (row, { topic, version }) => {
        if (row.id !== id) return;
        found = {
          where: `${topic}[${row.partition}] offset ${row.offset}`,
          datum: Buffer.from(row.bytes.subarray(row.start, row.end)),
          version,
        };
      },
    );
    return found;
  }

  #windowOf(id: number): number {
    const first = bucketOf(this.#options.accepted!.from);
    return Math.floor((bucketOf(id) - first) / WINDOW_BUCKETS);
  }

  async #read(id: number): Promise<void> {
    const { accepted, log } = this.#options;
    const window = this.#windowOf(id);
    const buckets = this.#buckets(bucketOf(accepted!.from) + window * WINDOW_BUCKETS);
    log.info(
      { id, buckets: buckets.length },
      'rows come again in the range of accept_known: reading what the topic has of them',
    );
    const digests = new DatumDigests(buckets);
    await scanBuckets(this.#options, buckets, ({ id: one, bytes, start, valuesEnd }) => {
      digests.set(one, bytes.subarray(start, valuesEnd));
    });
    this.#digests = digests;
    this.#window = window;
  }

  #buckets(first: number): Bucket[] {
    const { captured, accepted } = this.#options;
    const last = Math.min(first + WINDOW_BUCKETS - 1, bucketOf(accepted!.to));
    const buckets: Bucket[] = [];
    for (let number = first; number <= last; number++) {
      const bucket = captured.buckets.get(number);
      if (bucket !== undefined) buckets.push(bucket);
    }
    return buckets;
  }
}
