import assert, { AssertionError } from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { PoisonError } from '@scoreline/service';

import type { Range } from './range.ts';
import type { Destination, Sink, WriteAttempt } from './sink.ts';
import { CONFORMANCE } from './testing/conformance-cases.ts';
import {
  type ConformanceDestination,
  type ConformanceOptions,
  decodeRow,
  encodeRow,
  lost,
  MemoryDestination,
  MemorySink,
  sampleRow,
  sinkConformance,
  type Stall,
  tryOut,
} from './testing/index.ts';

/** Where a sink under trial lands; the next one may be made anew. */
class MemoryStore implements ConformanceDestination {
  destination = new MemoryDestination();
  generation = 1;
  loses = 0;
  stalled: { reached: () => void; released: Promise<void> } | null = null;
  readonly #sink: (store: MemoryStore) => Sink;

  constructor(sink: (store: MemoryStore) => Sink) {
    this.#sink = sink;
  }

  sink(): Sink {
    return this.#sink(this);
  }

  async rows() {
    try {
      return this.destination.datums.map(decodeRow);
    } catch (error) {
      throw new AssertionError({ message: `a row cannot be read: ${String(error)}` });
    }
  }

  async remove(): Promise<void> {
    this.destination = new MemoryDestination();
    this.destination.fingerprint = `memory-${++this.generation}`;
  }

  stall(): Stall {
    let [reached, release] = [() => {}, () => {}];
    const stall = {
      reached: new Promise<void>((resolve) => (reached = resolve)),
      release: () => {},
    };
    const released = new Promise<void>((resolve) => (release = resolve));
    this.stalled = { reached, released };
    stall.release = () => {
      this.stalled = null;
      release();
    };
    return stall;
  }
}

/** A sink as it should be; each fault overrides one thing. */
class Honest extends MemorySink {
  readonly store: MemoryStore;

  constructor(store: MemoryStore) {
    super(store.destination);
    this.store = store;
  }

  override async write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    await this.stalls(signal);
    signal.throwIfAborted();
    await this.take(range, attempt, signal);
    if (this.store.loses > 0) {
      this.store.loses--;
      throw lost();
    }
  }

  async stalls(signal: AbortSignal): Promise<void> {
    if (this.store.stalled === null) return;
    this.store.stalled.reached();
    await Promise.race([this.store.stalled.released, once(signal, 'abort')]);
  }

  async take(range: Range, attempt: WriteAttempt, _signal: AbortSignal): Promise<void> {
    const { ids } = await range.load();
    const row = ids.indexOf(777_777);
    if (row >= 0) throw new PoisonError('does not fit', { code: 'test-misfit', row });
    await this.destination.take(range, attempt);
  }
}

const OPTIONS = {
  name: 'memory',
  misfit: sampleRow(777_777, { score: Number.NaN }),
  abortMs: 200,
  beside: true,
  loseAnswer: (store) => {
    store.loses = 1;
  },
  stall: (store) => store.stall(),
  async open() {
    return new MemoryStore((store) => new Honest(store));
  },
} satisfies ConformanceOptions<MemoryStore>;

sinkConformance(OPTIONS);

interface Fault {
  readonly sink: (store: MemoryStore) => Sink;
  /** The promise that it breaks. */
  readonly breaks: string;
  readonly options?: Partial<ConformanceOptions<MemoryStore>>;
}

const faulty = (change: (sink: Honest) => Partial<Honest>) => (store: MemoryStore) => {
  const sink = new Honest(store);
  return Object.assign(sink, change(sink));
};

async function forget(store: MemoryStore, range: Range): Promise<void> {
  store.destination.identities.delete(range.identity);
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'acknowledges before anything is durable': {
    breaks: 'what was acknowledged is there',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        setTimeout(() => void destination.take(range, attempt), 20);
      },
    })),
  },
  'acknowledges what it gives up when its process is gone': {
    breaks: 'what was acknowledged is there',
    sink: faulty(({ destination }) => ({
      async take(range, attempt, signal) {
        await range.load();
        setImmediate(() => {
          if (!signal.aborted) void destination.take(range, attempt);
        });
      },
    })),
  },
  'is not idempotent': {
    breaks: 'the same range again changes nothing',
    sink: faulty(({ store, destination }) => ({
      async take(range, attempt) {
        await forget(store, range);
        await destination.take(range, attempt);
      },
    })),
  },
  'inserts again what another process may have inserted': {
    breaks: 'a range that another process has landed',
    sink: faulty(({ store, destination }) => ({
      async take(range, attempt) {
        if (attempt.replay) await forget(store, range);
        await destination.take(range, attempt);
      },
    })),
  },
  'takes a pending range for one that has landed': {
    breaks: 'a range that another process has landed',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        if (!attempt.replay) await destination.take(range, attempt);
      },
    })),
  },
  'knows ranges by their offsets': {
    breaks: 'ranges with the same offsets of another pipeline',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        const { first, last, partition } = range;
        const known = destination.written.some(
          (one) => one.first === first && one.last === last && partition === 0,
        );
        if (!known) await destination.take(range, attempt);
      },
    })),
  },
  'knows ranges by their offsets, whatever the partition': {
    breaks: 'ranges of several partitions',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        const name = `from ${range.first}`;
        if (destination.identities.has(name)) return;
        destination.identities.add(name);
        await destination.take(range, attempt);
      },
    })),
  },
  'overwrites another pipeline where it should refuse': {
    breaks: 'ranges with the same offsets of another pipeline',
    options: { otherLedger: 'refused' },
    sink: (store) => new Honest(store),
  },
  'remembers a range before its rows are there': {
    breaks: 'a write is given up at any moment',
    sink: faulty(({ destination }) => ({
      async write(range, attempt, signal) {
        const begun = `begun ${range.identity}`;
        if (destination.identities.has(begun)) return;
        destination.identities.add(begun);
        await turn();
        signal.throwIfAborted();
        await destination.take(range, attempt);
      },
    })),
  },
  'lands what is before a row that does not fit': {
    breaks: 'a row that does not fit is poison',
    sink: faulty((sink) => ({
      async take(range, attempt, signal) {
        await Honest.prototype.take.call(sink, range, attempt, signal).catch(async (error) => {
          await sink.destination.take(range, attempt);
          throw error;
        });
      },
    })),
  },
  'leaves out a row that does not fit': {
    breaks: 'a row that does not fit is poison',
    sink: faulty((sink) => ({
      async take(range, attempt, signal) {
        await Honest.prototype.take.call(sink, range, attempt, signal).catch(() => {});
      },
    })),
  },
  'goes on when its partition is gone': {
    breaks: 'a write whose partition is gone',
    sink: faulty(({ destination }) => ({
      write: (range, attempt) => destination.take(range, attempt),
    })),
  },
  'does not hear of an abort': {
    breaks: 'a write that hangs rejects soon',
    sink: faulty(({ store }) => ({
      async stalls() {
        store.stalled?.reached();
        await store.stalled?.released;
      },
    })),
  },
  'gives every destination the same fingerprint': {
    breaks: 'a destination keeps its fingerprint and rows',
    sink: faulty((sink) => ({
      start: async (): Promise<Destination> => ({ ...(await startOf(sink)), fingerprint: 'mine' }),
    })),
  },
  'gives every process a fingerprint of its own': {
    breaks: 'a start makes the destination',
    sink: faulty((sink) => ({
      start: async (): Promise<Destination> => ({
        ...(await startOf(sink)),
        fingerprint: String(Math.random()),
      }),
    })),
  },
  'says of no destination that it holds rows': {
    breaks: 'a destination keeps its fingerprint and rows',
    sink: faulty((sink) => ({
      start: async (): Promise<Destination> => ({ ...(await startOf(sink)), holdsRows: false }),
    })),
  },
  'begins by emptying the destination': {
    breaks: 'a destination keeps its fingerprint and rows',
    sink: faulty((sink) => ({
      async start() {
        sink.destination.datums.length = 0;
        return startOf(sink);
      },
    })),
  },
  'keeps the memory of a range beyond its write': {
    breaks: 'a range lands whole',
    sink: faulty(({ destination }) => ({
      async take(range) {
        const loaded = await range.load();
        for (let index = 0; index < loaded.rows; index++) {
          destination.datums.push(loaded.datum(index));
        }
      },
    })),
  },
  'keeps a piece beyond the next one': {
    breaks: 'a range lands whole',
    sink: faulty(({ destination }) => ({
      async take(range) {
        for await (const { datums, ends } of range.chunks()) {
          let from = 0;
          for (const end of ends) destination.datums.push(datums.subarray(from, (from = end)));
        }
      },
    })),
  },
  'lands once more what others have left': {
    breaks: 'rows that others have left',
    sink: faulty(({ destination }) => ({
      take: (range, { number, replay }) => destination.take(range, { number, replay }),
    })),
  },
  'leaves out what others may have left': {
    breaks: 'rows that others have left',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        const { heldUpTo = -1 } = attempt;
        if (range.maxId > heldUpTo) await destination.take(range, attempt);
      },
    })),
  },
  'replaces what others have left': {
    breaks: 'rows that others have left',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        if (attempt.heldUpTo !== undefined) {
          const { ids } = await range.load();
          const stay = destination.datums.filter((datum) => !ids.includes(decodeRow(datum).id));
          destination.datums.splice(0, destination.datums.length, ...stay);
          destination.times.clear();
        }
        await destination.take(range, attempt);
      },
    })),
  },
  'takes no notice of others that still write': {
    breaks: 'rows of others above those of before',
    sink: faulty(({ destination }) => ({
      take: (range, attempt) => destination.take(range, { ...attempt, replay: true }),
    })),
  },
  'rounds a score': {
    breaks: 'every value is read back as it was',
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        await destination.take(range, attempt);
        for (const [index, datum] of destination.datums.entries()) {
          const row = decodeRow(datum);
          destination.datums[index] = encodeRow({ ...row, score: Math.fround(row.score) });
        }
      },
    })),
  },
};

/** Not by `super`, which an object's own method has not. */
function startOf(sink: Honest): Promise<Destination> {
  return MemorySink.prototype.start.call(sink);
}

for (const [what, { sink, breaks, options }] of Object.entries(FAULTS)) {
  test(`a sink that ${what} does not pass`, async () => {
    const found = Object.entries(CONFORMANCE).filter(([promise]) => promise.startsWith(breaks));
    assert.equal(found.length, 1, breaks);
    const { hold } = found[0]![1];
    await assert.rejects(tryOut(hold, new MemoryStore(sink), { ...OPTIONS, ...options }), {
      name: 'AssertionError',
    });
  });
}
