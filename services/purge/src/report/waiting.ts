import type { Reason } from '../proof/reason.ts';
import type { Finding } from '../purge/judge.ts';

/** Old rows of consecutive buckets that the same reasons keep. */
export interface Waiting {
  readonly fromId: number;
  readonly toId: number;
  readonly rows: number;
  readonly firstBucket: number;
  readonly lastBucket: number;
  /** Of each place and code the one that needs the most: when it is gone the others are. */
  readonly reasons: readonly Reason[];
}

/** Adds what was found of a bucket to what was found before, in the order of their ids. */
export function addFinding(
  waiting: Waiting[],
  { bucket, fromId, toId, rows, reasons }: Finding,
): void {
  const last = waiting.at(-1);
  const isNext = bucket === last?.lastBucket || bucket - 1 === last?.lastBucket;
  if (last === undefined || !isNext || !isSame(last.reasons, reasons)) {
    waiting.push({ fromId, toId, rows, firstBucket: bucket, lastBucket: bucket, reasons });
    return;
  }
  waiting[waiting.length - 1] = {
    fromId: Math.min(last.fromId, fromId),
    toId: Math.max(last.toId, toId),
    rows: last.rows + rows,
    firstBucket: last.firstBucket,
    lastBucket: bucket,
    reasons: last.reasons.map((reason, at) => demanding(reason, reasons[at]!)),
  };
}

function isSame(a: readonly Reason[], b: readonly Reason[]): boolean {
  return a.length === b.length && a.every((reason, at) => keyOf(reason) === keyOf(b[at]!));
}

function keyOf({ kind, code, at }: Reason): string {
  return JSON.stringify([kind, code, at?.sink, at?.topic, at?.partition]);
}

function demanding(a: Reason, b: Reason): Reason {
  return (b.needed ?? 0n) > (a.needed ?? 0n) ? b : a;
}
