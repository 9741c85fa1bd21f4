import { ScorelineError } from '@scoreline/service';

import type { Reason } from '../proof/reason.ts';
import type { Report } from '../report/report.ts';
import type { BasisReader } from './basis.ts';
import type { CaptureWatch } from './capture-watch.ts';
import { lotRows, MOST_LOT_ROWS } from './cut-chunks.ts';
import { deleteLot, type Halt, type LotDeletion, type LotOutcome } from './delete-lot.ts';
import { floorOf, judge, type Policy, rowsWhere, whyRefused } from './judge.ts';
import { passedOver } from './passed-over.ts';
import type { TablePort } from './ports.ts';
import { prepareLot, type PreparedLot } from './prepare-lot.ts';
import { NEVER_CAPTURED, reasonOf } from './reasons.ts';

export interface PassGround {
  readonly table: TablePort;
  readonly basis: BasisReader;
  readonly capture: CaptureWatch;
  readonly policy: Policy;
  /** Null: nothing is deleted, it is only said what would be. */
  readonly deletion: LotDeletion | null;
  readonly mostChunkRows: number;
  /** Told of the highest id in each lot that is done with. */
  readonly onLot: (reachedId: number) => void;
}

interface Walk {
  readonly ground: PassGround;
  readonly report: Report;
  readonly halt: Halt;
  /** Ids that are not tried again in this pass. */
  readonly tried: Set<number>;
}

/**
 * One walk over the old rows, in the order of their ids: what may go goes, and of the rest it is noted why it
 * stays. The next lot is prepared while one is deleted. What was found until an error is in the report.
 */
export async function runPass(ground: PassGround, report: Report, halt: Halt): Promise<void> {
  const { basis, policy, deletion } = ground;
  const over = AbortSignal.any([halt.stopping, halt.signal]);
  if (deletion === null) await lookAtCapture(ground, report, over);
  basis.forget();
  const first = await basis.current(over);
  report.refused.push(...refusals(policy, first));
  if (first.state.checkpoint === null || (deletion !== null && report.refused.length > 0)) return;
  const from = policy.declined === 'delete' ? 0 : floorOf(first.state);
  await walk({ ground, report, halt, tried: new Set() }, from - 1);
}

function refusals(policy: Policy, basis: Parameters<typeof whyRefused>[1]): Reason[] {
  const never = basis.state.checkpoint === null ? [NEVER_CAPTURED] : [];
  return [...never, ...whyRefused(policy, basis)];
}

/** Whoever only asks is told that capture is behind, and everything else too. */
async function lookAtCapture(
  { capture }: PassGround,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  try {
    await capture.catchUp(signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof ScorelineError)) throw error;
    report.refused.push(reasonOf(error));
  }
}

async function walk(context: Walk, start: number): Promise<void> {
  let next: Preparing | null = prepare(context, start, true);
  let youngRows = 0;
  try {
    while (next !== null) {
      const lot: PreparedLot = await next.lot;
      youngRows = lot.old.ids.length > 0 ? 0 : youngRows + lot.rows;
      const isEnd = lot.isLast || youngRows >= MOST_LOT_ROWS;
      const following: Preparing | null = isEnd
        ? null
        : prepare(context, lot.next, lot.chunks.length > 0);
      next = following;
      const outcome = await finish(context, lot);
      if (outcome.kind === 'refused') {
        context.report.refused.push(...outcome.reasons);
        return;
      }
      if (outcome.kind === 'again') {
        await following?.drop();
        next = prepare(context, outcome.from - 1, true);
      }
    }
  } finally {
    await next?.drop();
  }
}

interface Preparing {
  readonly lot: Promise<PreparedLot>;
  /** Ends it, and waits for that: nothing of it goes on beside what comes next. */
  drop(): Promise<void>;
}

/** @param deletes whether there was something to delete just before: else more is looked at at a time. */
function prepare({ ground, halt, tried }: Walk, after: number, deletes: boolean): Preparing {
  const { deletion, mostChunkRows } = ground;
  const dropped = new AbortController();
  const chunkRows = deletion?.size.rows ?? mostChunkRows;
  const lot = prepareLot(
    { ...ground, deletes: deletion !== null, passedOver: tried },
    after,
    {
      rows: deletes && deletion !== null ? lotRows(chunkRows) : MOST_LOT_ROWS,
      chunkRows,
      mostChunkRows,
    },
    AbortSignal.any([halt.stopping, halt.signal, dropped.signal]),
  );
  lot.catch(() => {});
  return {
    lot,
    drop: async () => {
      dropped.abort();
      await lot.catch(() => {});
    },
  };
}

async function finish(
  { ground, report, halt, tried }: Walk,
  lot: PreparedLot,
): Promise<LotOutcome> {
  const { deletion, onLot } = ground;
  const outcome: LotOutcome =
    deletion === null ? { kind: 'deleted' } : await deleteLot(deletion, lot, halt);
  if (outcome.kind === 'deleted') {
    report.add(lot.verdict);
    onLot(lot.next);
    return outcome;
  }
  // What comes before was done with, and what comes after is told when it is prepared again.
  const before = rowsWhere(lot.old, (id) => id < outcome.from);
  report.add(judge(before, await ground.basis.current(halt.signal), ground.policy));
  if (outcome.kind === 'again' && outcome.passOver !== null) {
    for (const id of outcome.passOver.ids) tried.add(id);
    report.add(passedOver(outcome.passOver));
  }
  return outcome;
}
