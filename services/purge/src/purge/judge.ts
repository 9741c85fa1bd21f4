import { bucketOf, type LedgerState } from '@scoreline/ledger';

import { type ProofPolicy, whyNotProven } from '../proof/bucket-proof.ts';
import type { Evidence } from '../proof/evidence.ts';
import type { Reason } from '../proof/reason.ts';
import { disagreements } from '../proof/roster.ts';
import { decideRows, type HeldRow } from '../proof/row-decision.ts';
import { type IdTally, type Kept, noneKept, tallied } from './tally.ts';

/** The ledger, and what the sinks had committed after it was read: so every offset in it is in their logs. */
export interface Basis {
  /** When reading it began, milliseconds since the epoch: it is as old as its oldest part. */
  readonly readAtMs: number;
  readonly state: LedgerState;
  readonly evidence: Evidence;
  /** What else keeps everything: another archiver that still runs. */
  readonly others: readonly Reason[];
}

/** Old rows, by id in order; which of them rows of other tables refer to. */
export interface OldRows {
  readonly ids: readonly number[];
  readonly referenced: ReadonlySet<number>;
}

export interface Policy {
  /** The setting `sinks`: undefined when it is not set. */
  readonly sinks: readonly string[] | undefined;
  readonly excluded: 'keep' | 'delete';
  readonly declined: 'keep' | 'delete';
  /** Whether what has landed counts only where an audit has found it. */
  readonly verify: ProofPolicy['verify'];
}

/** Old rows of one bucket that nobody may delete now, and why. */
export interface Finding extends IdTally {
  readonly bucket: number;
  readonly fromId: number;
  readonly toId: number;
  readonly reasons: readonly Reason[];
}

export interface Verdict {
  /** In order. */
  readonly deletable: readonly number[];
  /** In the order of the buckets. */
  readonly findings: readonly Finding[];
  readonly kept: Kept;
  /** Ids that the ledger lacks, in order. */
  readonly unknown: readonly number[];
}

const NOT_CAPTURED: Reason = {
  kind: 'wait',
  code: 'not-captured',
  message: 'the ledger lacks these ids: the purge asks capture to look for the rows in the table',
};

/** Why nothing at all may be deleted; empty when that is for the buckets to say. */
export function whyRefused(
  { sinks }: Pick<Policy, 'sinks'>,
  { evidence, others }: Basis,
): Reason[] {
  if (sinks === undefined) {
    return [
      {
        kind: 'refuse',
        code: 'sinks-unset',
        message: 'sinks: is not set; it names every sink that must hold a row before it is deleted',
      },
    ];
  }
  return [...disagreements(sinks, evidence.roster), ...others];
}

/** Below this id capture declined every row when it began. */
export function floorOf({ checkpoint }: LedgerState): number {
  return checkpoint?.startFloor.id ?? 0;
}

/**
 * What becomes of each of these rows, all of them old. Nothing is kept from one call to the next: the ids
 * and the offsets that prove them are always of the same ledger.
 */
export function judge(rows: OldRows, basis: Basis, policy: Policy): Verdict {
  const { state } = basis;
  const decision = decideRows(heldRows(rows), state.captured, {
    excluded: policy.excluded,
    declinedBelow: floorOf(state),
  });
  const reasonsOf = proofs(basis, policy);
  const findings: Finding[] = [];
  let deletable: readonly number[] = [];
  for (const [bucket, ids] of byBucket(decision.delete)) {
    const reasons = reasonsOf(bucket);
    if (reasons.length === 0) deletable = deletable.concat(ids);
    else findings.push({ bucket, ...tallied(ids), reasons });
  }
  for (const [bucket, ids] of byBucket(decision.unknown)) {
    findings.push({ bucket, ...tallied(ids), reasons: [NOT_CAPTURED] });
  }
  const kept = noneKept();
  kept.excluded = tallied(decision.excluded);
  kept.referenced = tallied(decision.referenced);
  if (policy.declined === 'keep') kept.declined = tallied(decision.declined);
  else {
    const free = decision.declined.filter((id) => !rows.referenced.has(id));
    const held = decision.declined.filter((id) => rows.referenced.has(id));
    deletable = deletable.concat(free);
    kept.referenced = tallied([...decision.referenced, ...held]);
  }
  return {
    deletable: deletable.toSorted((a, b) => a - b),
    findings: findings.sort((a, b) => a.bucket - b.bucket),
    kept,
    unknown: decision.unknown,
  };
}

/** One object for all of them. */
function* heldRows({ ids, referenced }: OldRows): Generator<HeldRow, void> {
  const row = { id: 0, referenced: false };
  for (const id of ids) {
    row.id = id;
    row.referenced = referenced.has(id);
    yield row;
  }
}

/** Those of them of which this is true. */
export function rowsWhere({ ids, referenced }: OldRows, isMeant: (id: number) => boolean): OldRows {
  return { ids: ids.filter(isMeant), referenced };
}

function proofs({ state, evidence }: Basis, policy: ProofPolicy): (bucket: number) => Reason[] {
  return (number) => {
    const bucket = state.captured.buckets.get(number);
    if (bucket === undefined) throw new RangeError(`bucket ${number} has rows, and is not known`);
    return whyNotProven(bucket, evidence, policy);
  };
}

type SomeIds = [number, ...number[]];

function byBucket(ids: readonly number[]): Map<number, SomeIds> {
  const buckets = new Map<number, SomeIds>();
  for (const id of ids) {
    const number = bucketOf(id);
    const bucket = buckets.get(number);
    if (bucket === undefined) buckets.set(number, [id]);
    else bucket.push(id);
  }
  return buckets;
}
