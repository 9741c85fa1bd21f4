import { type FoundPartition, formatCommitMetadata } from '@scoreline/landing';
import { type Audit, Bucket } from '@scoreline/ledger';
import fc from 'fast-check';

import { groupOf } from '../proof/evidence.ts';

const TOPIC = 'log_scores-v1';
const PARTITIONS = [0, 1] as const;
const BUCKET = 3;

/** One thing that happens to the topic, a sink, or its destination. */
export type Happening =
  | { readonly kind: 'capture' | 'other'; readonly partition: number }
  /** Records go to a destination, and are committed. */
  | { readonly kind: 'land'; readonly partition: number; readonly records: number }
  /** The next record does not: it is put aside. */
  | { readonly kind: 'quarantine'; readonly partition: number }
  /** An operator has it go on elsewhere, and confirms that. */
  | { readonly kind: 'accept'; readonly partition: number; readonly offset: number }
  /** Another destination, without a row; the sink begins at some place. */
  | { readonly kind: 'replace'; readonly offset: number }
  | { readonly kind: 'audit' };

const partition = fc.constantFrom(...PARTITIONS);
const place = fc.nat(6);

export const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('capture' as const), partition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('other' as const), partition }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('land' as const),
      partition,
      records: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quarantine' as const), partition }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('accept' as const), partition, offset: place }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('replace' as const), offset: place }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('audit' as const) }) },
);

/** Of one partition, what a sink commits. */
interface Run {
  since: number;
  committed: number;
  quarantined: number[];
}

interface Landing {
  readonly name: string;
  dest: string;
  /** What is really in it: ids. */
  held: Set<number>;
  readonly runs: Run[];
  readonly audits: Audit[];
}

/** A topic with the rows of one bucket among others, and the sinks that land it: what is true, and what is told. */
export class LandingModel {
  readonly bucket = new Bucket(BUCKET);
  readonly sinks: readonly Landing[];
  /** By partition: an id, or -1 for a record of another bucket. */
  readonly #logs: number[][] = PARTITIONS.map(() => []);
  #ids = 0;
  #dests = 0;

  constructor(names: readonly string[]) {
    this.sinks = names.map((name) => ({
      name,
      dest: `dest ${this.#dests++}`,
      held: new Set(),
      runs: PARTITIONS.map(() => ({ since: 0, committed: 0, quarantined: [] })),
      audits: [],
    }));
  }

  happens(what: Happening, sink: Landing): void {
    switch (what.kind) {
      case 'capture':
      case 'other':
        return this.#publish(what.partition, what.kind === 'capture');
      case 'land':
        return this.#land(sink, what.partition, what.records);
      case 'quarantine':
        return this.#putAside(sink, what.partition);
      case 'accept':
        sink.runs[what.partition] = this.#runFrom(what.partition, what.offset);
        return;
      case 'replace':
        sink.dest = `dest ${this.#dests++}`;
        sink.held = new Set();
        for (const at of PARTITIONS) sink.runs[at] = this.#runFrom(at, what.offset);
        return;
      case 'audit':
        return this.#audit(sink);
    }
  }

  /** Everything that there is lands. */
  catchesUp(sink: Landing): void {
    for (const at of PARTITIONS) this.#land(sink, at, this.#logs[at]!.length);
  }

  /** Whether each row of the bucket is in the sink's destination. */
  holdsAll({ held }: Landing): boolean {
    return Array.from({ length: this.#ids }, (_, id) => id).every((id) => held.has(id));
  }

  /** What the brokers say of its group. */
  found({ name, dest, runs }: Landing): FoundPartition[] {
    return runs.map(({ since, committed, quarantined }, at) => ({
      topic: TOPIC,
      partition: at,
      group: groupOf(name, TOPIC),
      committed: {
        offset: BigInt(committed),
        metadata: formatCommitMetadata({
          since: BigInt(since),
          dest,
          pending: [],
          landed: null,
          ...(quarantined.length > 0 && {
            quarantined: {
              count: quarantined.length,
              first: BigInt(quarantined[0]!),
              last: BigInt(quarantined.at(-1)!),
            },
          }),
        }),
      },
      logStart: 0n,
      logEnd: BigInt(this.#logs[at]!.length),
    }));
  }

  #publish(at: number, isRow: boolean): void {
    const log = this.#logs[at]!;
    if (isRow) {
      this.bucket.captured.add(this.#ids);
      this.bucket.wrote(TOPIC, at, log.length, log.length + 1);
    }
    log.push(isRow ? this.#ids++ : -1);
  }

  #land({ held, runs }: Landing, at: number, records: number): void {
    const run = runs[at]!;
    const end = Math.min(this.#logs[at]!.length, run.committed + records);
    for (const id of this.#logs[at]!.slice(run.committed, end)) if (id >= 0) held.add(id);
    run.committed = end;
  }

  #putAside({ runs }: Landing, at: number): void {
    const run = runs[at]!;
    if (run.committed < this.#logs[at]!.length) run.quarantined.push(run.committed++);
  }

  /** Of a destination that has each captured id. */
  #audit(sink: Landing): void {
    if (!this.holdsAll(sink)) return;
    sink.audits.push({
      from: BUCKET,
      counts: [this.#ids],
      dest: sink.dest,
      since: { [TOPIC]: sink.runs.map(({ since }) => since) },
      atMs: 0,
    });
  }

  #runFrom(at: number, offset: number): Run {
    const begins = Math.min(offset, this.#logs[at]!.length);
    return { since: begins, committed: begins, quarantined: [] };
  }
}
