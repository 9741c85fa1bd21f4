import type { LoadedRange } from '@scoreline/landing';
import { PermanentError } from '@scoreline/service';

/**
 * Which of a range's rows a table holds already. Ids come one by one, as the table is read, and may
 * be others' too. One that is there more often than in the range is there twice: nothing that this
 * sink does can have done that, and nothing that it does would mend it. Only among the rows that the
 * table held before this sink began it is theirs who wrote them, and is counted.
 */
export class LandedIds {
  readonly #range: LoadedRange;
  readonly #heldUpTo: number;
  /** Indexes of the rows, by id. */
  readonly #byId: Uint32Array;
  /** In that order: 1 for a row that has been seen. */
  readonly #seen: Uint8Array;
  #count = 0;
  #doubles = 0;
  #highest = -1;

  /** @param heldUpTo rows with ids up to this may be there by somebody else's doing. */
  constructor(range: LoadedRange, heldUpTo = -1) {
    this.#range = range;
    this.#heldUpTo = heldUpTo;
    this.#byId = orderOf(range.ids);
    this.#seen = new Uint8Array(range.rows);
  }

  see(id: number): void {
    const { ids } = this.#range;
    let at = this.#firstFrom(id);
    if (ids[this.#byId[at]!] !== id) return;
    while (this.#seen[at] === 1 && ids[this.#byId[at + 1]!] === id) at++;
    if (this.#seen[at] === 1) return this.#seenAgain(id);
    this.#seen[at] = 1;
    this.#count++;
    if (id > this.#highest) this.#highest = id;
  }

  get count(): number {
    return this.#count;
  }

  /** Of the range's ids that the table holds; -1 when it holds none. */
  get highest(): number {
    return this.#highest;
  }

  /** Rows that the table holds once more, and held so before this sink began. */
  get doubles(): number {
    return this.#doubles;
  }

  /** Indexes of the rows that the table does not hold, in order. */
  missing(): Uint32Array {
    return this.#byId.filter((_index, at) => this.#seen[at] === 0).sort();
  }

  #seenAgain(id: number): void {
    if (id <= this.#heldUpTo) {
      this.#doubles++;
      return;
    }
    throw new PermanentError(
      `the table holds id ${id} more often than ${this.#range.topic}[${this.#range.partition}] does`,
      {
        code: 'destination-holds-duplicates',
        remedy:
          'Somebody else writes into the table, or it was filled before: see docs/6-troubleshooting.md.',
      },
    );
  }

  /** Where in the order ids begin that are not below this one. */
  #firstFrom(id: number): number {
    const { ids } = this.#range;
    let [low, high] = [0, this.#byId.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids[this.#byId[middle]!]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function orderOf(ids: Float64Array): Uint32Array {
  const order = new Uint32Array(ids.length);
  let ascends = true;
  for (let i = 0; i < ids.length; i++) {
    order[i] = i;
    if (i > 0 && ids[i]! < ids[i - 1]!) ascends = false;
  }
  return ascends ? order : order.sort((a, b) => ids[a]! - ids[b]!);
}
