import type { BinlogPosition } from '@scoreline/ledger';

/**
 * Where in the binlog the server could not read on for us. Outlives sessions: the first time another one
 * begins, whose start says whether the source is still the one that was captured. RESET MASTER takes the
 * files away from under a stream, and the server says no more of it than that it cannot read. The second
 * time it is the binlog itself.
 */
export class UnreadablePlaces {
  #last: BinlogPosition | null = null;

  /** Whether it was this very place the last time, too. */
  isKnown(place: BinlogPosition): boolean {
    const last = this.#last;
    this.#last = place;
    return last?.file === place.file && last.offset === place.offset;
  }
}
