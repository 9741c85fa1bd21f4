import type { LoadedRange } from '@scoreline/landing';
import { PermanentError } from '@scoreline/service';

/**
 * Which of a range's rows a table holds already. Ids come one by one, as the table is read, and may
 * be others' too. One that is there more often than in the range is there twice: nothing that this
 * sink does can have done that, and nothing that it does would mend it.
 */
export class LandedIds {
  readonly #range: LoadedRange;
  /** Per id, the indexes of its rows that have not been seen. */
  readonly #unseen = new Map<number, number[]>();
  #missing: number;

  constructor(range: LoadedRange) {
    this.#range = range;
    this.#missing = range.rows;
    for (const [index, id] of range.ids.entries()) {
      const indexes = this.#unseen.get(id);
      if (indexes) indexes.push(index);
      else this.#unseen.set(id, [index]);
    }
  }

  see(id: number): void {
    const indexes = this.#unseen.get(id);
    if (indexes === undefined) return;
    if (indexes.pop() === undefined) {
      throw new PermanentError(
        `the table holds id ${id} more often than ${this.#range.topic}[${this.#range.partition}] does`,
        {
          code: 'destination-holds-duplicates',
          remedy:
            'Somebody else writes into the table, or it was filled before: see docs/6-troubleshooting.md.',
        },
      );
    }
    this.#missing--;
  }

  get count(): number {
    return this.#range.rows - this.#missing;
  }

  /** Indexes of the rows that the table does not hold, in order. */
  missing(): readonly number[] {
    return [...this.#unseen.values()].flat().sort((a, b) => a - b);
  }
}
