import type { Reason } from '../proof/reason.ts';
import type { Verdict } from '../purge/judge.ts';
import {
  type IdTally,
  type Kept,
  keptTogether,
  NO_IDS,
  noneKept,
  tallied,
  together,
} from '../purge/tally.ts';
import { addFinding, type Waiting } from './waiting.ts';

/** What one walk over the old rows has found and done. */
export class Report {
  /** What kept everything, or ended the walk before its end. */
  refused: Reason[] = [];
  readonly waiting: Waiting[] = [];
  deletable: IdTally = NO_IDS;
  deleted = 0;
  kept: Kept = noneKept();
  /** Ids that the ledger lacks: from the lowest to the highest of them. */
  unknown: IdTally = NO_IDS;
  /** Old rows that were looked at. */
  seen = 0;

  add(verdict: Verdict): void {
    const { deletable, findings, kept, unknown } = verdict;
    for (const finding of findings) addFinding(this.waiting, finding);
    this.deletable = together(this.deletable, tallied(deletable));
    this.kept = keptTogether(this.kept, kept);
    this.unknown = together(this.unknown, tallied(unknown));
    this.seen +=
      deletable.length +
      findings.reduce((rows, finding) => rows + finding.rows, 0) +
      Object.values(kept).reduce((rows, tally: IdTally) => rows + tally.rows, 0);
  }

  /** Whether nothing old is left, but for what is to be kept. */
  get isDone(): boolean {
    return this.refused.length === 0 && this.waiting.length === 0;
  }
}
