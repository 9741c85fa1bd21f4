import { BUCKET_IDS } from '@scoreline/ledger';

import type { AuditOutcome } from './audit.ts';
import type { IdList } from './id-list.ts';
import { lastIdOf } from './known-buckets.ts';

/** What may be wrong, as a title for people. */
export const DIFFERENCES = {
  missing: 'ids in the ledger and not in the destination',
  doubled: 'ids in the destination more than once',
  unknown: 'ids in the destination and not in the ledger',
} as const;

export type DifferenceKind = keyof typeof DIFFERENCES;

export const KINDS = Object.keys(DIFFERENCES) as readonly DifferenceKind[];

/** Ranges of ids, and buckets that wait, that the text has of each; JSON has more. */
const LINES = 20;

/** Something was compared, and nothing is wrong. Where nothing could be compared nothing is known. */
export function isClean(outcome: AuditOutcome): boolean {
  const { clean, unclean, waiting } = outcome;
  const isIdle = clean.size + unclean.size === 0 && waiting.length > 0;
  return !isIdle && !differs(outcome);
}

export function differs(outcome: AuditOutcome): boolean {
  return KINDS.some((kind) => outcome[kind].count > 0);
}

export interface Audited {
  readonly sink: string;
  readonly destination: string;
}

/** For people. */
export function textReport(outcome: AuditOutcome, { sink, destination }: Audited): string[] {
  const { ids, clean, unclean, waiting, ledgerUuid } = outcome;
  const compared = clean.size + unclean.size;
  return [
    `sink-${sink}, ${destination}, with the ledger ${ledgerUuid}: ${ids} ids in ${compared} buckets compared, ${clean.size} of them clean`,
    ...(waiting.length > 0 ? [`buckets that are not compared yet: ${waiting.length}`] : []),
    ...waiting
      .slice(0, LINES)
      .map(({ bucket, why }) => `  ids ${bucket * BUCKET_IDS}-${lastIdOf(bucket)}: ${why}`),
    ...(waiting.length > LINES ? [`  and ${waiting.length - LINES} more`] : []),
    ...KINDS.flatMap((kind) => difference(kind, outcome[kind])),
    verdict(outcome),
  ];
}

function difference(kind: DifferenceKind, { count, ranges, unnamed }: IdList): string[] {
  if (count === 0) return [];
  const left = ranges.length > LINES || unnamed > 0;
  return [
    `${DIFFERENCES[kind]}: ${count}`,
    ...ranges.slice(0, LINES).map((range) => `  ${range}`),
    ...(left ? ['  and others: format=json names more'] : []),
  ];
}

function verdict(outcome: AuditOutcome): string {
  if (isClean(outcome)) return 'CLEAN';
  return differs(outcome) ? 'DIFFERENT' : 'NOTHING COMPARED';
}

/** For programs: one line. */
export function jsonReport(outcome: AuditOutcome, { sink, destination }: Audited): string {
  const { ids, clean, unclean, waiting, ledgerUuid, dest, since, atMs } = outcome;
  const differences = Object.fromEntries(
    KINDS.map((kind) => {
      const { count, ranges, unnamed } = outcome[kind];
      return [kind, { count, ids: ranges, unnamed }];
    }),
  );
  return JSON.stringify({
    sink,
    destination,
    dest,
    ledgerUuid,
    at: new Date(atMs).toISOString(),
    clean: isClean(outcome),
    ids,
    buckets: {
      compared: clean.size + unclean.size,
      clean: clean.size,
      unclean: [...unclean].sort((a, b) => a - b),
    },
    waiting,
    since,
    differences,
  });
}
