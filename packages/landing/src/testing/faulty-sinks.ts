import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import { PermanentError } from '@scoreline/service';

import type { Range } from '../range.ts';
import type { Destination, Sink } from '../sink.ts';
import type { ConformanceOptions } from './conformance.ts';
import { Honest, type MemoryStore } from './honest-sink.ts';
import { MemorySink } from './memory-sink.ts';
import { decodeRow, encodeRow, type SampleRow } from './sample-rows.ts';

export interface Fault {
  readonly sink: (store: MemoryStore) => Sink;
  /** The promise that it breaks. */
  readonly breaks: string;
  /** What is found of it then: another fault does not pass for this one. */
  readonly says: RegExp;
  readonly options?: Partial<ConformanceOptions<MemoryStore>>;
}

const faulty = (change: (sink: Honest) => Partial<Honest>) => (store: MemoryStore) => {
  const sink = new Honest(store);
  return Object.assign(sink, change(sink));
};

/** Lands every row as this makes it. */
const changing = (change: (row: SampleRow) => SampleRow) =>
  faulty(({ destination }) => ({
    async take(range, attempt) {
      await destination.take(range, attempt);
      for (const [index, datum] of destination.datums.entries()) {
        destination.datums[index] = encodeRow(change(decodeRow(datum)));
      }
    },
  }));

async function forget(store: MemoryStore, range: Range): Promise<void> {
  store.destination.identities.delete(range.identity);
}

/** Sinks with one defect each, by what it is: the suite finds every one of them. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'acknowledges before anything is durable': {
    breaks: 'what was acknowledged is there',
    says: /'id 1 is lost'/,
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        setTimeout(() => void destination.take(range, attempt), 20);
      },
    })),
  },
  'acknowledges what it gives up when its process is gone': {
    breaks: 'what was acknowledged is there',
    says: /'id 1 is lost'/,
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
    says: /'id 1 is there again'/,
    sink: faulty(({ store, destination }) => ({
      async take(range, attempt) {
        await forget(store, range);
        await destination.take(range, attempt);
      },
    })),
  },
  'inserts again what another process may have inserted': {
    breaks: 'a range that another process has landed',
    says: /'id 1 is there again'/,
    sink: faulty(({ store, destination }) => ({
      async take(range, attempt) {
        if (attempt.replay) await forget(store, range);
        await destination.take(range, attempt);
      },
    })),
  },
  'takes a pending range for one that has landed': {
    breaks: 'a range that another process has landed',
    says: /'id 5001 is lost'/,
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        if (!attempt.replay) await destination.take(range, attempt);
      },
    })),
  },
  'knows ranges by their offsets': {
    breaks: 'ranges with the same offsets of another pipeline',
    says: /'id 5001 is lost'/,
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
    says: /'id 1001 is lost'/,
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
    says: /Missing expected rejection/,
    options: { otherLedger: 'refused' },
    sink: (store) => new Honest(store),
  },
  'remembers a range before its rows are there': {
    breaks: 'a write is given up at any moment',
    says: /'id 1001 is lost'/,
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
    says: /'id 1 was not written'/,
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
    says: /Missing expected rejection/,
    sink: faulty((sink) => ({
      async take(range, attempt, signal) {
        await Honest.prototype.take.call(sink, range, attempt, signal).catch(() => {});
      },
    })),
  },
  'goes on when its partition is gone': {
    breaks: 'a write whose partition is gone',
    says: /Missing expected rejection/,
    sink: faulty(({ destination }) => ({
      write: (range, attempt) => destination.take(range, attempt),
    })),
  },
  'does not hear of an abort': {
    breaks: 'a write that hangs rejects soon',
    says: /an aborted write rejects within 200 ms/,
    sink: faulty(({ store }) => ({
      async stalls() {
        store.stalled?.reached();
        await store.stalled?.released;
      },
    })),
  },
  'gives every destination the same fingerprint': {
    breaks: 'a destination keeps its fingerprint and rows',
    says: /strictly unequal to:\s+'mine'/,
    sink: faulty((sink) => ({
      start: async (): Promise<Destination> => ({ ...(await startOf(sink)), fingerprint: 'mine' }),
    })),
  },
  'gives every process a fingerprint of its own': {
    breaks: 'a start makes the destination',
    says: /fingerprint: '0\.\d+'/,
    sink: faulty((sink) => ({
      start: async (): Promise<Destination> => ({
        ...(await startOf(sink)),
        fingerprint: String(Math.random()),
      }),
    })),
  },
  'says of no destination that it holds rows': {
    breaks: 'a destination keeps its fingerprint and rows',
    says: /false !== true/,
    sink: faulty((sink) => ({
      start: async (): Promise<Destination> => ({ ...(await startOf(sink)), holdsRows: false }),
    })),
  },
  'begins by emptying the destination': {
    breaks: 'a destination keeps its fingerprint and rows',
    says: /'id 1 is lost'/,
    sink: faulty((sink) => ({
      async start() {
        sink.destination.datums.length = 0;
        return startOf(sink);
      },
    })),
  },
  'keeps the memory of a range beyond its write': {
    breaks: 'a range lands whole',
    says: /a row cannot be read/,
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
    says: /a row cannot be read/,
    sink: faulty(({ destination }) => ({
      async take(range) {
        for await (const { datums, ends } of range.chunks()) {
          let from = 0;
          for (const end of ends) destination.datums.push(datums.subarray(from, (from = end)));
        }
      },
    })),
  },
  'lands a part, and says that it was all': {
    breaks: 'a range lands whole',
    says: /is lost/,
    sink: faulty(({ destination }) => ({
      async take(range) {
        for await (const { datums, ends } of range.chunks()) {
          let from = 0;
          for (const end of ends)
            destination.datums.push(Buffer.from(datums.subarray(from, (from = end))));
          return;
        }
      },
    })),
  },
  'inserts again when an answer was lost': {
    breaks: 'an answer that is lost',
    says: /is there again/,
    sink: faulty(({ store, destination }) => ({
      async take(range, attempt) {
        if (attempt.number > 1) await forget(store, range);
        await destination.take(range, attempt);
      },
    })),
  },
  'stops when an answer was lost': {
    breaks: 'an answer that is lost',
    says: /'stop'/,
    sink: faulty((sink) => ({
      write: (range, attempt, signal) =>
        Honest.prototype.write.call(sink, range, attempt, signal).catch((cause: unknown) => {
          throw new PermanentError('the answer was lost', { code: 'test-lost', cause });
        }),
    })),
  },
  'rejects when it is aborted, and goes on behind it': {
    breaks: 'a write that hangs rejects soon',
    says: /is there again/,
    sink: faulty(({ store, destination }) => ({
      async write(range, attempt, signal) {
        const { stalled } = store;
        if (stalled === null) return destination.take(range, attempt);
        const loaded = await range.load();
        const late = [...loaded.ids.keys()].map((index) => Buffer.from(loaded.datum(index)));
        void stalled.released.then(() => destination.datums.push(...late));
        stalled.reached();
        await once(signal, 'abort');
        throw new Error('aborted');
      },
    })),
  },
  'inserts all of a range of which a part is there': {
    breaks: 'a range of which a part is there',
    says: /is there again/,
    sink: faulty(({ store, destination }) => ({
      async take(range, attempt) {
        if (store.torn.has(range.identity)) await store.mend(range, 'all');
        await destination.take(range, attempt);
      },
    })),
  },
  'takes a range of which a part is there for landed': {
    breaks: 'a range of which a part is there',
    says: /is lost/,
    sink: faulty(({ destination }) => ({
      take: (range, attempt) => destination.take(range, attempt),
    })),
  },
  'lands once more what others have left': {
    breaks: 'rows that others have left',
    says: /'id 1 is there again'/,
    sink: faulty(({ destination }) => ({
      take: (range, { number, replay }) => destination.take(range, { number, replay }),
    })),
  },
  'leaves out what others may have left': {
    breaks: 'rows that others have left',
    says: /'id 4 is lost'/,
    sink: faulty(({ destination }) => ({
      async take(range, attempt) {
        const { heldUpTo = -1 } = attempt;
        if (range.maxId > heldUpTo) await destination.take(range, attempt);
      },
    })),
  },
  'replaces what others have left': {
    breaks: 'rows that others have left',
    says: /id 1 has score 19\.9, was -1/,
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
    says: /Missing expected rejection/,
    sink: faulty(({ destination }) => ({
      take: (range, attempt) => destination.take(range, { ...attempt, replay: true }),
    })),
  },
  'tells an id once that is there twice': {
    breaks: 'the ids that are there are told',
    says: /Expected values to be strictly deep-equal/,
    sink: faulty((sink) => ({
      async *heldIds(asked) {
        const ids: number[] = [];
        for await (const some of MemorySink.prototype.heldIds.call(sink, asked)) ids.push(...some);
        yield [...new Set(ids)];
      },
    })),
  },
  'tells what it has written, and not what is there': {
    breaks: 'the ids that are there are told',
    says: /Expected values to be strictly deep-equal/,
    sink: faulty(({ destination }) => ({
      async *heldIds({ from, to }) {
        for (const [id, times] of destination.times)
          if (id >= from && id <= to) yield Array<number>(times).fill(id);
      },
    })),
  },
  'rounds a score': {
    breaks: 'every value is read back as it was',
    says: /has score/,
    sink: changing((row) => ({ ...row, score: Math.fround(row.score) })),
  },
  'loses the sign of zero': {
    breaks: 'every value is read back as it was',
    says: /id 11 has step 0, was -0/,
    sink: changing((row) => ({ ...row, step: row.step + 0 })),
  },
  'keeps milliseconds': {
    breaks: 'every value is read back as it was',
    says: /has ts 4294967295999000, was 4294967295999999/,
    sink: changing((row) => ({ ...row, ts: row.ts - (row.ts % 1000) })),
  },
  'makes an empty text of none': {
    breaks: 'every value is read back as it was',
    says: /has error "", was null/,
    sink: changing((row) => ({ ...row, error: row.error ?? '' })),
  },
  'drops what it has no column for': {
    breaks: 'every value is read back as it was',
    says: /id 18 has extra/,
    sink: changing((row) => ({ ...row, extra: {} })),
  },
};

/** Not by `super`, which an object's own method has not. */
function startOf(sink: Honest): Promise<Destination> {
  return MemorySink.prototype.start.call(sink);
}
