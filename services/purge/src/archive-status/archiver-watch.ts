import type { Reason } from '../proof/reason.ts';

/** Another archiver's row of log_scores_archive_status, as it was just read. */
export interface ArchiverRow {
  readonly archiver: string;
  readonly id: number | null;
  /** For how long it has stood still, by the server's clock; null where the table does not tell. */
  readonly stillMs: number | null;
}

interface Seen {
  readonly id: number | null;
  readonly sinceMs: number;
  /** It was another one before: it moved while it was watched. */
  readonly moved: boolean;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The longest that each of them pauses between two rounds, or at least ten minutes. */
const INTERVAL_MS: ReadonlyMap<string, number> = new Map([
  ['clickhouse', 10 * MINUTE],
  ['bigquery', 10 * MINUTE],
  ['cleanup', 10 * MINUTE],
  ['gcsavro', DAY],
  ['fileavro', DAY],
]);

/**
 * Tells which other archivers still run, by looking at their rows now and then: one is taken to have stopped
 * when its row has not moved for as long as it may pause. Two that delete side by side would each rest on
 * what the other may not know.
 */
export class ArchiverWatch {
  readonly #now: () => number;
  #seen: ReadonlyMap<string, Seen> = new Map();

  /** @param now monotonic, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Why nothing may be deleted now; empty when all others stand still. */
  look(rows: readonly ArchiverRow[]): Reason[] {
    this.#seen = new Map(rows.map((row) => [row.archiver, this.#next(row)]));
    return rows.flatMap((row) => this.#whyNot(row));
  }

  #next({ archiver, id }: ArchiverRow): Seen {
    const before = this.#seen.get(archiver);
    if (before?.id === id) return before;
    return { id, sinceMs: this.#now(), moved: before !== undefined };
  }

  #whyNot({ archiver, id, stillMs }: ArchiverRow): Reason[] {
    const { sinceMs, moved } = this.#seen.get(archiver)!;
    const watchedMs = this.#now() - sinceMs;
    // What was seen to move has moved, whatever its time says.
    const still = stillMs === null || moved ? Math.min(watchedMs, stillMs ?? watchedMs) : stillMs;
    const interval = INTERVAL_MS.get(archiver) ?? DAY;
    if (still >= interval) return [];
    return [
      {
        kind: moved ? 'refuse' : 'wait',
        code: 'archiver-active',
        message: `the row of the archiver ${archiver} in log_scores_archive_status, at id ${id ?? 'NULL'}, ${
          moved ? `moved ${words(still)} ago` : `is known to stand still for ${words(still)}`
        }: it counts as stopped after ${words(interval)}`,
      },
    ];
  }
}

function words(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
