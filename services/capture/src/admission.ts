import type { CapturedIds } from '@scoreline/ledger';
import type { Block, LogScoreField } from '@scoreline/schema';

import type { Chunk } from './chunk.ts';
import type { KnownRows } from './known-rows.ts';
import type { RowFilter } from './row-filter.ts';

export interface AdmissionOptions {
  readonly captured: CapturedIds;
  /** Null where no row is kept out. */
  readonly filter: RowFilter | null;
  readonly known: Pick<KnownRows, 'isAccepted' | 'isSame'>;
}

/** Rows of a transaction that do not go out. */
export interface Admitted {
  /** By the column for which a rule kept them out. */
  readonly excluded: ReadonlyMap<LogScoreField, number>;
  /** Rows that the topic has already, of those that may come again. */
  readonly known: number;
  /** A row whose id is taken, at which it ended: nothing of the transaction may go out. */
  readonly reused: { readonly block: Block; readonly row: number } | null;
}

/**
 * Decides which rows of a transaction go out, and notes their ids: the one place that rows of the stream
 * and of the table both pass. What it notes is tentative until the transaction is committed.
 *
 * Rows that the filter keeps out are cut out of their chunks, and their ids taken all the same: so that
 * a purge can tell them from rows that were lost, and the id of one that comes again is as much of a
 * doubt as any other.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #excluded = new Map<LogScoreField, number>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  async admit(chunks: readonly Chunk[]): Promise<Admitted> {
    let known = 0;
    for (const chunk of chunks) {
      const { block } = chunk;
      const dropped: number[] = [];
      for (
        let row = this.#note(block, 0, dropped);
        row >= 0;
        row = this.#note(block, row + 1, dropped)
      ) {
        if (!(await this.#isRepeat(block, row))) {
          return { excluded: this.#excluded, known, reused: { block, row } };
        }
        dropped.push(row);
        known++;
      }
      chunk.drop(dropped);
    }
    return { excluded: this.#excluded, known, reused: null };
  }

  /** Takes the ids of rows from `from` on, until one is taken already. Returns that row, or -1. */
  #note(block: Block, from: number, dropped: number[]): number {
    const { captured, filter } = this.#options;
    if (filter === null) return captured.addAll(block.ids, from, block.rows);
    for (let row = from; row < block.rows; row++) {
      const id = block.ids[row]!;
      const column = filter.excludes(block, row);
      if (!(column === null ? captured.add(id) : captured.exclude(id))) return row;
      if (column === null) continue;
      dropped.push(row);
      this.#excluded.set(column, (this.#excluded.get(column) ?? 0) + 1);
    }
    return -1;
  }

  /** Whether a row with a known id may be dropped: the topic has the same, or would not get either. */
  async #isRepeat(block: Block, row: number): Promise<boolean> {
    const { captured, filter, known } = this.#options;
    const id = block.ids[row]!;
    if (!known.isAccepted(id)) return false;
    if (captured.isExcluded(id)) return filter !== null && filter.excludes(block, row) !== null;
    return known.isSame(id, block.bytes.subarray(block.start(row), block.ends[row]));
  }
}
