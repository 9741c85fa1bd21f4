import type { BasisReader } from './basis.ts';
import type { CaptureWatch } from './capture-watch.ts';
import { cutChunks, lotRows } from './cut-chunks.ts';
import { type Basis, judge, type OldRows, type Policy, rowsWhere, type Verdict } from './judge.ts';
import type { Lot, RowsDigest, TablePort } from './ports.ts';

export interface Preparation {
  readonly table: TablePort;
  readonly basis: BasisReader;
  readonly capture: CaptureWatch;
  readonly policy: Policy;
  /** Without it nothing is asked of the table that only a DELETE needs. */
  readonly deletes: boolean;
  /** Ids that were tried in this pass, and are not to be tried again. */
  readonly passedOver: ReadonlySet<number>;
}

export interface PreparedChunk {
  readonly ids: readonly number[];
  readonly digest: RowsDigest;
}

export interface PreparedLot {
  /** How many rows were looked at. */
  readonly rows: number;
  /** Those that are old, but for the ones that are passed over. */
  readonly old: OldRows;
  readonly verdict: Verdict;
  readonly chunks: readonly PreparedChunk[];
  /** The next one begins above this id. */
  readonly next: number;
  /** The table ends here. */
  readonly isLast: boolean;
}

export interface LotLimits {
  readonly rows: number;
  readonly chunkRows: number;
  readonly mostChunkRows: number;
}

/**
 * Reads the next rows, says what becomes of each, and has the server add up those that may go; then waits
 * until capture has seen everything that the server had written by then.
 */
export async function prepareLot(
  preparation: Preparation,
  after: number,
  limits: LotLimits,
  signal: AbortSignal,
): Promise<PreparedLot> {
  const { table, basis, capture, policy, deletes, passedOver } = preparation;
  const before = await basis.current(signal);
  const lot = await table.lot(after, limits.rows, signal);
  const old = rowsWhere(oldOf(lot), (id) => !passedOver.has(id));
  const all: Cut = { old, verdict: judge(old, before, policy), next: lot.next };
  const { isLast, ...cut } = {
    isLast: lot.isLast,
    ...(deletes ? firstOf(all, lotRows(limits.chunkRows), before, policy) : all),
  };
  const chunks: PreparedChunk[] = [];
  if (deletes) {
    for (const ids of cutChunks(cut.verdict.deletable, limits)) {
      chunks.push({ ids, digest: await table.digest(ids, signal) });
    }
  }
  const { deletable, unknown } = cut.verdict;
  const isNothing = !deletes || (deletable.length === 0 && unknown.length === 0);
  const { captured } = isNothing ? before.state : await capture.catchUp(signal);
  // A row that was on its way when the ledger was read is not one that capture has missed.
  const late = new Set(unknown.filter((id) => captured.has(id)));
  const verdict =
    late.size === 0
      ? cut.verdict
      : judge(
          rowsWhere(cut.old, (id) => !late.has(id)),
          before,
          policy,
        );
  return { rows: lot.ids.length, ...cut, verdict, chunks, isLast };
}

function oldOf({ ids, old, referenced }: Lot): OldRows {
  const found: number[] = [];
  for (let at = 0; at < ids.length; at++) if (old[at] === 1) found.push(ids[at]!);
  return { ids: found, referenced };
}

interface Cut {
  readonly old: OldRows;
  readonly verdict: Verdict;
  readonly next: number;
  readonly isLast?: false;
}

/** So much of a lot that no more than these may go: the rest is for the next one. */
function firstOf(cut: Cut, deletableRows: number, basis: Basis, policy: Policy): Cut {
  const { deletable } = cut.verdict;
  if (deletable.length <= deletableRows) return cut;
  const next = deletable[deletableRows - 1]!;
  const old = rowsWhere(cut.old, (id) => id <= next);
  return { old, verdict: judge(old, basis, policy), next, isLast: false };
}
