import { setTimeout as delay } from 'node:timers/promises';

import { POOL } from './create-schema.ts';
import { committedRows, plan, rowsOf, type Step } from './plan.ts';
import { type Commit, Writer } from './writer.ts';

export interface TrafficOptions {
  /** Committed rows per second to keep to; 0 for as many as the server takes. */
  readonly rate: number;
  /** Names the traffic: the same seed writes the same steps. */
  readonly seed: number;
  /** Ends after exactly so many committed rows; null for never. */
  readonly rows: number | null;
  /** When it was measured, milliseconds since the epoch; now unless given. */
  readonly clock?: () => number;
  /** Told of each step that added rows, right after its COMMIT. */
  readonly onCommit?: (commit: Commit) => void;
}

export interface TrafficStats {
  readonly committed: number;
  /** Rows that got an id and were rolled back. */
  readonly undone: number;
  readonly steps: number;
}

export interface Traffic {
  /** Ends after the step at hand, with everything committed that was open. */
  stop(): Promise<void>;
  stats(): TrafficStats;
  /** Resolves when all rows are written or it was stopped; rejects when the database refuses. */
  readonly done: Promise<void>;
}

/** Rows of a typical batch where only speed counts. */
const FASTEST_BATCH = 5_000;

/** Writes realistic traffic into a database that `createSchema` has made. */
export function startTraffic(
  dsn: string,
  { rate, seed, rows, clock = Date.now, onCommit }: TrafficOptions,
): Traffic {
  const stopping = new AbortController();
  let [committed, undone, steps] = [0, 0, 0];
  const writer = new Writer(dsn, (commit) => {
    committed += commit.rows;
    onCommit?.(commit);
  });
  const batchRows = rate === 0 ? FASTEST_BATCH : Math.min(500, Math.max(1, Math.round(rate / 20)));
  const done = write();
  // Whoever waits for `done` hears of a failure; nobody has to.
  done.catch(() => {});
  return {
    done,
    stats: () => ({ committed, undone, steps }),
    stop: async () => {
      stopping.abort();
      await done;
    },
  };

  async function write(): Promise<void> {
    try {
      await writer.start();
      const started = performance.now();
      let running: Promise<void> = Promise.resolve();
      let planned = 0;
      for (const step of plan({ seed, pool: POOL, clock, rows, batchRows })) {
        // While the server works on one step, the next one is made.
        const inserts = writer.prepare(step);
        await running;
        if (stopping.signal.aborted) break;
        running = writer.run(step, inserts);
        // It is awaited in the next round; until then its failure is nobody's surprise.
        running.catch(() => {});
        count(step);
        planned += committedRows(step);
        if (rate > 0) await pause(started + (planned / rate) * 1000 - performance.now());
      }
      await running;
      await writer.finish();
    } finally {
      await writer.stop();
    }
  }

  function count(step: Step): void {
    steps++;
    if (step.kind === 'savepoint') undone += step.undone.length;
    else if (committedRows(step) === 0) undone += rowsOf(step).length;
  }

  async function pause(ms: number): Promise<void> {
    if (ms < 1) return;
    await delay(ms, undefined, { signal: stopping.signal }).catch(() => {});
  }
}
