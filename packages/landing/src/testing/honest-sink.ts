import { AssertionError } from 'node:assert/strict';
import { once } from 'node:events';

import { PoisonError } from '@scoreline/service';

import type { Range } from '../range.ts';
import type { Sink, WriteAttempt } from '../sink.ts';
import type { ConformanceDestination, Stall } from './conformance.ts';
import { lost, MemoryDestination, MemorySink } from './memory-sink.ts';
import { decodeRow } from './sample-rows.ts';

/** Where a sink under trial lands; the next one may be made anew. */
export class MemoryStore implements ConformanceDestination {
  destination = new MemoryDestination();
  generation = 1;
  loses = 0;
  stalled: { reached: () => void; released: Promise<void> } | null = null;
  /** Ranges of which a part is gone. */
  readonly torn = new Set<string>();
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

  tear({ identity }: Range): void {
    this.torn.add(identity);
    this.destination.datums.splice(1, this.destination.datums.length >> 1);
  }

  /** The rows of a range that was torn, or only those that it lacks. */
  async mend(range: Range, those: 'all' | 'missing'): Promise<void> {
    this.torn.delete(range.identity);
    const { datums } = this.destination;
    const there = new Set(datums.map((datum) => decodeRow(datum).id));
    const loaded = await range.load();
    for (const [index, id] of loaded.ids.entries()) {
      if (those === 'all' || !there.has(id)) datums.push(Buffer.from(loaded.datum(index)));
    }
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
export class Honest extends MemorySink {
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
    if (this.store.torn.has(range.identity)) await this.store.mend(range, 'missing');
    await this.destination.take(range, attempt);
  }
}
