/** Of one kind of difference that are named: enough to see what has happened, and bounded. */
const RANGES = 1_000;

/** Ids in ascending order, kept as ranges: `5`, `7-9`. All are counted, and the first ranges are named. */
export class IdList {
  readonly #ranges: [first: number, last: number][] = [];
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;
  #unnamed = 0;

  get count(): number {
    return this.#count;
  }

  /** Ids that are in none of the ranges that are named. */
  get unnamed(): number {
    return this.#unnamed;
  }

  get ranges(): readonly string[] {
    return this.#ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  }

  add(id: number): void {
    this.#count++;
    const range = this.#ranges.at(-1);
    const follows = id === this.#last + 1;
    this.#last = id;
    if (this.#unnamed > 0) this.#unnamed++;
    else if (range !== undefined && follows) range[1] = id;
    else if (this.#ranges.length < RANGES) this.#ranges.push([id, id]);
    else this.#unnamed++;
  }

  /** Ids that nobody has kept. */
  addUnnamed(count: number): void {
    this.#count += count;
    this.#unnamed += count;
  }
}
