import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  type BinlogPosition,
  Bucket,
  bucketMessage,
  CapturedIds,
  decodeEntry,
  type Reconcile,
} from '@scoreline/ledger';
import type { Block } from '@scoreline/schema';
import { createLog } from '@scoreline/service';
import fc from 'fast-check';

import type { Chunk } from './chunk.ts';
import { RateLimit } from './rate-limit.ts';
import { Reconciler } from './reconciler.ts';

const log = createLog('model', { log_level: 'silent' });
const nothing = { inc: () => {}, set: () => {} };
const metrics = {
  reconcileRows: nothing,
  reconcileRemaining: nothing,
  auditMissing: nothing,
} as never;

interface Group {
  readonly ids: readonly number[];
  visible: boolean;
}

const NEVER = new AbortController().signal;

class Crash extends Error {}

/**
 * A source whose transactions are in the binlog before they are visible, a stream, and a ledger that keeps
 * what was committed. While reconcile waits for an answer, anything else may happen.
 */
class World {
  readonly topic: number[] = [];
  readonly #choices: Iterator<number>;
  readonly #binlog: Group[] = [];
  readonly #table = new Set<number>();
  readonly #kept = new Map<number, Buffer>();
  #nextId = 1;
  /** Given to transactions that have not committed. */
  #late: number[] = [];
  #captured = new CapturedIds();
  /** Groups that are streamed, and how far the checkpoint says so. */
  #read = 0;
  #saved = 0;
  #reconcile: Reconcile | null = null;

  constructor(choices: readonly number[]) {
    this.#choices = choices[Symbol.iterator]();
    for (let i = 0; i < 5; i++) this.#insert();
    this.loseStream();
  }

  get committed(): number[] {
    return this.#binlog.flatMap(({ ids }) => ids);
  }

  /** Everything that can happen beside reconcile, as the choices have it. */
  happen(): void {
    for (let more = this.#choose(4); more > 0; more--) {
      const what = this.#choose(22);
      if (what < 7) this.#insert();
      else if (what < 11) this.#show();
      else if (what < 17) this.#stream();
      else if (what < 19) this.#purge();
      else if (what < 21) throw new Crash();
      else {
        this.loseStream();
        throw new Crash();
      }
    }
  }

  /** Until reconcile is over, through any crash; then the rest of the stream. */
  async run(): Promise<void> {
    while (this.#reconcile !== null) {
      this.#restart();
      try {
        await this.#reconciler(this.#reconcile, { isBeside: false }).run(NEVER);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
    for (const group of this.#binlog) this.#see(group);
    while (this.#read < this.#binlog.length) this.#stream();
  }

  /** The binlog is gone up to its end: the stream begins where everything before can be seen. */
  loseStream(): void {
    for (const group of this.#binlog) this.#see(group);
    this.#saved = this.#binlog.length;
    const to = Math.max(0, ...this.#table);
    const progress = { from: 1, to, next: 1, published: 0, startedAtMs: 0 };
    this.#reconcile = { reason: 'position_gone', p0: at(this.#saved), ...progress };
  }

  /** @param isBeside of a request, which comes between two buckets of another, whose progress it leaves alone. */
  #reconciler(progress: Reconcile, { isBeside }: { isBeside: boolean }): Reconciler {
    const answer = async <T>(read: () => T): Promise<T> => {
      this.happen();
      await Promise.resolve();
      this.happen();
      return read();
    };
    const held = (from: number, to: number) =>
      [...this.#table].filter((id) => id >= from && id <= to).toSorted((a, b) => a - b);
    return new Reconciler({
      progress,
      table: {
        ids: (from, to) => answer(() => Float64Array.from(held(from, to))),
        firstId: (from) => answer(() => held(from, Number.MAX_SAFE_INTEGER)[0] ?? null),
        position: () => answer(() => at(this.#binlog.length)),
        rows: (ids, block: Block) =>
          answer(() => {
            const some = ids.subarray(0, 3);
            for (const id of some) {
              if (!this.#table.has(id)) continue;
              block.reserve(1);
              block.push(block.byteLength + 1, id, 1, 0);
            }
            return some.at(-1)!;
          }),
      },
      captured: this.#captured,
      publish: async (chunks: readonly Chunk[], { reconcile }) => {
        this.happen();
        const ids = chunks.flatMap(({ block }) => [...block.ids.subarray(0, block.rows)]);
        if (isBeside && chunks.length === 0) return;
        this.#publish(ids);
        if (!isBeside) this.#reconcile = reconcile!;
        // The answer of the commit may be lost.
        this.happen();
      },
      caughtUp: async ({ offset }) => {
        while (this.#read < offset) {
          this.happen();
          this.#stream();
          await Promise.resolve();
        }
      },
      between: async () => {
        if (isBeside || this.#choose(4) > 0) return;
        const from = 1 + this.#choose(this.#nextId);
        const to = from + this.#choose(this.#nextId);
        const asked = { ...progress, reason: 'request', from, to, next: from } as const;
        await this.#reconciler(asked, { isBeside: true }).run(NEVER);
      },
      rate: new RateLimit(0),
      metrics,
      log,
    });
  }

  #publish(ids: readonly number[]): void {
    for (const id of ids) assert.ok(this.#captured.add(id), `id ${id} is published again`);
    this.topic.push(...ids);
    for (const bucket of this.#captured.changed) {
      this.#kept.set(bucket.number, bucketMessage(bucket).value);
    }
    this.#captured.committed();
    this.#saved = this.#read;
  }

  #restart(): void {
    const buckets = [...this.#kept].map(([number, value]): Bucket => {
      const entry = decodeEntry(Buffer.from(`bucket:${number}`), value, 'model');
      return entry.kind === 'bucket' ? entry.bucket : new Bucket(number);
    });
    this.#captured = new CapturedIds(buckets);
    this.#read = this.#saved;
  }

  #insert(): void {
    const ids = [];
    for (let rows = 1 + this.#choose(3); rows > 0; rows--) {
      this.#nextId += 1 + (this.#choose(3) === 0 ? this.#choose(40_000) : 0);
      // Some transactions take their ids early and commit late.
      if (this.#choose(4) === 0) this.#late.push(this.#nextId);
      else ids.push(this.#nextId);
    }
    if (this.#choose(3) === 0) ids.push(...this.#late.splice(0));
    if (ids.length > 0) this.#binlog.push({ ids, visible: false });
  }

  #show(): void {
    const group = this.#binlog.find(({ visible }) => !visible);
    if (group) this.#see(group);
  }

  /** What is captured may be deleted at any time, also between being read and being published. */
  #purge(): void {
    const keep = this.#choose(3);
    for (const id of this.topic) if (id % 3 !== keep) this.#table.delete(id);
  }

  #see(group: Group): void {
    if (group.visible) return;
    group.visible = true;
    for (const id of group.ids) this.#table.add(id);
  }

  #stream(): void {
    const group = this.#binlog[this.#read];
    if (group === undefined) return;
    this.#read++;
    this.#publish(group.ids);
  }

  #choose(below: number): number {
    const { value, done } = this.#choices.next() as IteratorResult<number, undefined>;
    return done ? 0 : value % below;
  }
}

function at(groups: number): BinlogPosition {
  return { file: 'binlog.000001', offset: groups };
}

test('whatever is committed, crashes or gets lost beside it, every row is published once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(1_000_000), { minLength: 50, maxLength: 600 }),
      async (choices) => {
        const world = new World(choices);
        await world.run();
        assert.deepEqual(
          world.topic.toSorted((a, b) => a - b),
          world.committed.toSorted((a, b) => a - b),
        );
      },
    ),
    { numRuns: 400 },
  );
});
