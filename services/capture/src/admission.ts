import type { CapturedIds } from '@scoreline/ledger';
import type { Block, LogScoreField } from '@scoreline/schema';

import type { Chunk } from './chunk.ts';
import type { RowFilter } from './row-filter.ts';

export interface AdmissionOptions {
  readonly captured: CapturedIds;
  /** Null where no row is kept out. */
  readonly filter: RowFilter | null;
  /** Of a row whose id is in the ledger already. */
  readonly reused: (block: Block, row: number) => Error;
}

/** Rows that do not go out, by the column for which a rule kept them out. */
export type Excluded = ReadonlyMap<LogScoreField, number>;

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

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** @throws what `reused` makes, for an id that is known: none of the rows may go out then. */
  admit(chunks: readonly Chunk[]): Excluded {
    const { captured, filter, reused } = this.#options;
    const excluded = new Map<LogScoreField, number>();
    for (const chunk of chunks) {
      const { block } = chunk;
      if (filter === null) {
        const known = captured.addAll(block.ids, 0, block.rows);
        if (known >= 0) throw reused(block, known);
        continue;
      }
      const dropped: number[] = [];
      for (let row = 0; row < block.rows; row++) {
        const id = block.ids[row]!;
        const column = filter.excludes(block, row);
        if (!(column === null ? captured.add(id) : captured.exclude(id))) throw reused(block, row);
        if (column === null) continue;
        dropped.push(row);
        excluded.set(column, (excluded.get(column) ?? 0) + 1);
      }
      chunk.drop(dropped);
    }
    return excluded;
  }
}
