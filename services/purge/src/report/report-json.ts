import type { Reason } from '../proof/reason.ts';
import type { Report } from './report.ts';

export interface ReportFacts {
  readonly table: string;
  readonly atMs: number;
  readonly retentionDays: number;
  readonly mode: 'explain' | 'dry-run' | 'once';
}

/** The report for programs: plain JSON. */
export function reportJson(report: Report, { table, atMs, retentionDays, mode }: ReportFacts) {
  const { refused, waiting, deletable, deleted, kept } = report;
  return {
    table,
    at: new Date(atMs).toISOString(),
    retentionDays,
    mode,
    refused: refused.map(reasonJson),
    waiting: waiting.map(({ fromId, toId, rows, firstBucket, lastBucket, reasons }) => ({
      fromId,
      toId,
      rows,
      buckets: [firstBucket, lastBucket],
      reasons: reasons.map(reasonJson),
    })),
    deletable,
    deleted,
    kept,
  };
}

export function reasonJson({ kind, code, message, at, needed, held }: Reason) {
  return {
    kind,
    code,
    message,
    ...at,
    ...(needed === undefined ? {} : { needed: needed.toString() }),
    ...(held === undefined ? {} : { held: held === null ? null : held.toString() }),
  };
}
