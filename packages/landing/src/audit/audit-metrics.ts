import type { Audit } from '@scoreline/ledger';
import type { Metrics } from '@scoreline/service';

import { KINDS } from './audit-report.ts';
import type { AuditOutcome } from './audit.ts';

export type AuditMetrics = ReturnType<typeof auditMetrics>;

/** What audits have found, of a sink that makes them by itself. */
export function auditMetrics(metrics: Metrics) {
  return {
    buckets: metrics.gauge(
      'scoreline_sink_audited_buckets',
      'Buckets of which the ledger has a clean audit of this destination.',
      ['sink'],
    ),
    differences: metrics.gauge(
      'scoreline_sink_audit_differences',
      'Ids that the last audit found missing in the destination, doubled there, or unknown to the ledger.',
      ['sink', 'kind'],
    ),
    oldest: metrics.gauge(
      'scoreline_sink_audit_oldest_timestamp_seconds',
      'When the oldest of the clean audits was made, seconds since the epoch.',
      ['sink'],
    ),
    failures: metrics.counter(
      'scoreline_sink_audit_failures_total',
      'Audits that ended with an error, and say nothing.',
      ['sink'],
    ),
  };
}

export function showAudit(
  metrics: AuditMetrics,
  sink: string,
  { outcome, audits }: { readonly outcome: AuditOutcome; readonly audits: readonly Audit[] },
): void {
  for (const kind of KINDS) metrics.differences.set({ sink, kind }, outcome[kind].count);
  metrics.buckets.set(
    { sink },
    audits.reduce((sum, { counts }) => sum + counts.length, 0),
  );
  const [first = null] = audits;
  if (first === null) metrics.oldest.remove({ sink });
  else metrics.oldest.set({ sink }, Math.min(...audits.map(({ atMs }) => atMs)) / 1000);
}
