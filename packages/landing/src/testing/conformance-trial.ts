import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { RetryableError } from '@scoreline/service';

import type { LoadedRange } from '../range.ts';
import type { AskedIds, Destination, Sink, WriteAttempt } from '../sink.ts';
import type { ConformanceDestination, ConformanceOptions } from './conformance.ts';
import { rowDifferences } from './row-differences.ts';
import { sampleRange } from './sample-range.ts';
import type { SampleRow } from './sample-rows.ts';

export const FIRST: WriteAttempt = { number: 1, replay: false };
export const AGAIN: WriteAttempt = { number: 2, replay: false };
export const REPLAY: WriteAttempt = { number: 1, replay: true };

/** Until an error that asks to be tried again counts as one that does not pass. */
const ATTEMPTS = 50;
const AGAIN_MS = 100;

/** A range that can be made any number of times: what makes it is all that is remembered. */
export interface RangeOf {
  readonly rows: readonly SampleRow[];
  readonly first?: bigint;
  readonly partition?: number;
  readonly ledgerUuid?: string;
}

export interface StartedSink {
  readonly sink: Sink;
  readonly at: Destination;
}

/** One destination under trial, with the sinks that were started on it. */
export class Trial {
  readonly destination: ConformanceDestination;
  readonly options: ConformanceOptions;
  readonly #sinks: Sink[] = [];

  constructor(destination: ConformanceDestination, options: ConformanceOptions) {
    this.destination = destination;
    this.options = options;
  }

  /** As another process. */
  async start(): Promise<StartedSink> {
    const sink = this.destination.sink();
    this.#sinks.push(sink);
    return { sink, at: await sink.start(new AbortController().signal) };
  }

  async heldUpTo({ sink }: StartedSink): Promise<number | null> {
    const highest = await sink.heldUpTo?.(new AbortController().signal, 'log_scores-v1');
    assert.notEqual(highest, undefined, 'the sink can be asked for the highest id');
    return highest ?? null;
  }

  /** Ascending. */
  async heldIds(
    { sink }: StartedSink,
    asked: AskedIds = { from: 0, to: Number.MAX_SAFE_INTEGER },
  ): Promise<number[]> {
    const ids: number[] = [];
    const held = sink.heldIds?.(asked, new AbortController().signal);
    assert.ok(held, 'the sink can be asked which ids there are');
    for await (const some of held) ids.push(...some);
    return ids.sort((a, b) => a - b);
  }

  async end(): Promise<void> {
    for (const sink of this.#sinks) await sink.stop();
  }

  /**
   * As landing writes: the range's memory is used for another one as soon as the write has returned,
   * and that of a piece as soon as the next one is asked for.
   */
  async write(
    { sink }: StartedSink,
    of: RangeOf,
    attempt: WriteAttempt = FIRST,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<void> {
    const range = reusingPieces(sampleRange(of.rows, of));
    await sink.write(range, attempt, signal);
    for (let index = 0; index < range.rows; index++) range.datum(index).fill(0xff);
    range.ids.fill(Number.NaN);
    range.timestampsUs.fill(Number.NaN);
  }

  /** As landing does: again, for as long as the error asks for it. What was given up may be under way still. */
  async lands(started: StartedSink, of: RangeOf, attempt: WriteAttempt): Promise<void> {
    let { number } = attempt;
    for (let left = ATTEMPTS; ; left--, number++) {
      try {
        await this.write(started, of, { ...attempt, number });
        return;
      } catch (error) {
        if (!(error instanceof RetryableError) || left === 0) throw error;
      }
      await delay(AGAIN_MS);
    }
  }

  /** Whether an aborted write was finished all the same. Fails when it takes too long to reject. */
  async abandoned(write: Promise<void>): Promise<boolean> {
    const { abortMs = 5_000 } = this.options;
    const settled = write.then(
      () => 'finished' as const,
      () => 'rejected' as const,
    );
    const late = new AbortController();
    const outcome = await Promise.race([
      settled,
      delay(abortMs, 'hangs' as const, { signal: late.signal }),
    ]);
    late.abort();
    assert.notEqual(outcome, 'hangs', `an aborted write rejects within ${abortMs} ms`);
    return outcome === 'finished';
  }

  /** These rows are there, each once with every byte, and no others. */
  async holds(...written: readonly (readonly SampleRow[])[]): Promise<void> {
    assert.deepEqual(rowDifferences(written.flat(), await this.destination.rows()), []);
  }
}

function reusingPieces(range: LoadedRange): LoadedRange {
  const pieces = range.chunks.bind(range);
  range.chunks = async function* () {
    for await (const { rows, datums, ends, ids, timestampsUs } of pieces()) {
      const piece = {
        rows,
        datums: Buffer.from(datums),
        ends: ends.slice(),
        ids: ids.slice(),
        timestampsUs: timestampsUs.slice(),
      };
      yield piece;
      piece.datums.fill(0xff);
      piece.ends.fill(0);
      piece.ids.fill(Number.NaN);
      piece.timestampsUs.fill(Number.NaN);
    }
  };
  return range;
}
