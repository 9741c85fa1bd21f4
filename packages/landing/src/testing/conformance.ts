import { test, type TestContext } from 'node:test';

import type { Range } from '../range.ts';
import type { Sink } from '../sink.ts';
import { CONFORMANCE } from './conformance-cases.ts';
import { Trial } from './conformance-trial.ts';
import type { SampleRow } from './sample-rows.ts';

/** A destination of one test's own, empty: a table, a bucket, a folder. */
export interface ConformanceDestination {
  /** A sink that lands here, not started; each one is another process to the suite. */
  sink(): Sink;
  /** Every row that is there, in any order, read past the sink; a row that is there twice, twice. */
  rows(): Promise<readonly SampleRow[]>;
  /** Removes the destination and all that it holds, as an operator would, behind the sink's back. */
  remove(): Promise<void>;
}

/** Writes that are not answered, until `release`. */
export interface Stall {
  /** Resolves when a write is waiting. */
  readonly reached: Promise<unknown>;
  release(): void;
}

export interface ConformanceOptions<D extends ConformanceDestination = ConformanceDestination> {
  /** Begins the tests' names. */
  readonly name: string;
  /** Cleans up by `t.after`. Null when its server is not there: `needServer` has said so. */
  open(t: TestContext): Promise<D | null>;
  /**
   * A range of another pipeline with the same topic, partition and offsets: kept beside the first
   * one, or refused, which stops the sink. Kept unless told.
   */
  readonly otherLedger?: 'kept' | 'refused';
  /** Rows that the destination can just hold. `EXTREME_ROWS` unless told. */
  readonly extremes?: readonly SampleRow[];
  /** A row that the destination cannot hold; none when it holds every row. */
  readonly misfit?: SampleRow;
  /** How long an aborted write may take to reject. 5,000 unless told. */
  readonly abortMs?: number;
  /**
   * The next write is done, but its answer is lost. Without it the suite drops the result of a write
   * that was answered.
   */
  loseAnswer?(destination: D): void;
  /** The next writes hang. */
  stall?(destination: D): Stall;
  /**
   * Takes away some, not all, of the rows of a range that has landed, as a write leaves it that
   * ended half way. Leave it out where a range is there as a whole or not at all.
   */
  tear?(destination: D, range: Range): Promise<void>;
  /** It can be asked which rows it holds (`Sink.heldUpTo`), and so may begin beside those of others. */
  readonly beside?: true;
  /** It can be asked for every id that it holds (`Sink.heldIds`), and so be audited. */
  readonly audited?: true;
}

/**
 * Registers the tests that every sink must pass, on its real server or an emulator of it:
 *
 *     sinkConformance({
 *       name: 'file',
 *       open: async (t) => new TestFolder(t),
 *     });
 *
 * The oracle is the identity of rows: each that was written is there once, with every byte. What
 * only a killed process shows stays with the sink's own tests.
 */
export function sinkConformance<D extends ConformanceDestination>(
  options: ConformanceOptions<D>,
): void {
  for (const [promise, { needs, hold }] of Object.entries(CONFORMANCE)) {
    if (needs !== undefined && options[needs] === undefined) continue;
    test(`${options.name}: ${promise}`, async (t) => {
      const destination = await options.open(t);
      if (destination === null) return;
      await tryOut(hold, destination, options);
    });
  }
}

/** One of the suite's promises, tried on a destination. Rejects when it is not held. */
export async function tryOut<D extends ConformanceDestination>(
  hold: (trial: Trial) => Promise<void>,
  destination: D,
  options: ConformanceOptions<D>,
): Promise<void> {
  const trial = new Trial(destination, options);
  try {
    await hold(trial);
  } finally {
    await trial.end();
  }
}
