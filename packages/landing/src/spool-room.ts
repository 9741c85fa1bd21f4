/** A partition, as the one that asks for room sees it. */
export interface Holder {
  /** What its open range has in the spool. */
  readonly openBytes: number;
  /** What its closed ranges have there, which have not landed. */
  readonly leavingBytes: number;
  /** Its open range was pending when the partition was taken over: it ends where it ended, whatever room there is. */
  readonly isReplay: boolean;
  /** Its open range can be ended at once. */
  readonly canClose: boolean;
}

export interface SpoolState {
  readonly budgetBytes: number;
  readonly usedBytes: number;
  /** What is to be written. */
  readonly wantedBytes: number;
  /** The disk has refused to take more, and has not been asked again yet. */
  readonly isDiskFull: boolean;
}

/** Write; wait until something has landed; or end this partition's open range early. */
export type Room<H extends Holder> = 'write' | 'wait' | { readonly close: H };

/** Of what is used, how much should be on its way out before more is ended early. */
const LEAVING_SHARE = 1 / 4;

/**
 * What a partition does that has filled its block. The budget must not stop everything for ever, so
 * when it is full the largest open range is ended early, and lands. A range that is made again is
 * never ended nor held up by the budget: what it was is already decided, and others may wait for it.
 * While such ranges are all that there is, the others go on in small ranges, a block beyond the budget.
 */
export function roomFor<H extends Holder>(
  asker: H,
  holders: Iterable<H>,
  { budgetBytes, usedBytes, wantedBytes, isDiskFull }: SpoolState,
): Room<H> {
  if (!isDiskFull && (asker.isReplay || usedBytes + wantedBytes <= budgetBytes)) return 'write';
  let leaving = 0;
  let largest: H | null = null;
  for (const one of holders) {
    leaving += one.leavingBytes;
    if (one.isReplay || one.openBytes === 0) continue;
    if (largest === null || one.openBytes > largest.openBytes) largest = one;
  }
  if (leaving > 0 && leaving >= usedBytes * LEAVING_SHARE) return 'wait';
  if (largest === null) return leaving > 0 || isDiskFull ? 'wait' : 'write';
  return largest === asker || largest.canClose ? { close: largest } : 'wait';
}
