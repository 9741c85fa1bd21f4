import type { Reason } from '../proof/reason.ts';
import type { IdTally } from '../purge/tally.ts';
import type { ReportFacts } from './report-json.ts';
import type { Report } from './report.ts';
import type { Waiting } from './waiting.ts';

/** The report for people: what can go, what waits for whom, what stays. */
export function reportText(report: Report, facts: ReportFacts): string[] {
  const { refused, waiting, kept } = report;
  return [
    `${facts.table}: rows older than ${facts.retentionDays} days, as of ${new Date(facts.atMs).toISOString()}`,
    ...section('Nothing is deleted, because', refused.map(reasonLine)),
    '',
    outcomeLine(report, facts),
    ...waiting.flatMap(waitingLines),
    ...keptLines('kept out of the topic by exclude', kept.excluded),
    ...keptLines('from before capture began', kept.declined),
    ...keptLines('referred to by rows of other tables', kept.referenced),
  ];
}

function outcomeLine({ deletable, deleted, refused }: Report, { mode }: ReportFacts): string {
  if (mode === 'once') return `deleted: ${rowsOf(deleted)}`;
  if (deletable.rows === 0) return 'deletable: nothing';
  const still = refused.length > 0 ? ', were it not for that' : '';
  return `deletable: ${rowsOf(deletable.rows)}, ids ${idsText(deletable)}${still}`;
}

function waitingLines({ rows, reasons, ...ids }: Waiting): string[] {
  const head = reasons.some(({ kind }) => kind === 'refuse') ? 'refused' : 'waiting';
  return section(`${head}: ${rowsOf(rows)}, ids ${idsText(ids)}`, reasons.map(reasonLine));
}

function keptLines(why: string, tally: IdTally): string[] {
  return tally.rows === 0 ? [] : ['', `kept: ${rowsOf(tally.rows)}, ids ${idsText(tally)}, ${why}`];
}

function section(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', head, ...lines];
}

/** `  waits for sink x, log_scores-v1[3]: committed 100, 250 is needed  (behind)` */
function reasonLine({ kind, code, message, at }: Reason): string {
  const verb = kind === 'wait' && at !== undefined ? 'waits for ' : '';
  return `  ${verb}${message}  (${code})`;
}

function rowsOf(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en-US')} rows`;
}

function idsText({ fromId, toId }: Pick<IdTally, 'fromId' | 'toId'>): string {
  return fromId === toId ? `${fromId}` : `${fromId}-${toId}`;
}
