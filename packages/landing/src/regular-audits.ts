import type { Catalog } from '@scoreline/schema';
import type { Logger, Part } from '@scoreline/service';

import { auditOf } from './audit/audit-of-sink.ts';
import { AuditPart } from './audit/audit-part.ts';
import type { KnownDestination } from './known-destination.ts';
import type { LandingMetrics, OpenPartition } from './metrics.ts';
import type { LandingConfig } from './settings.ts';
import type { Sink } from './sink.ts';

export interface RegularAuditsOptions {
  readonly config: LandingConfig;
  readonly catalog: Catalog;
  readonly log: Logger;
  /** The partitions that this member has now. */
  readonly open: () => Iterable<Pick<OpenPartition, 'partition'>>;
  readonly destination: KnownDestination;
  readonly metrics: LandingMetrics;
}

/**
 * The part that audits what the sink lands, beside it; null without `audit_interval`.
 *
 * @throws ConfigError `audit-unsupported`
 */
export function regularAudits(
  sink: Sink,
  { config, catalog, log, open, destination, metrics }: RegularAuditsOptions,
): Part | null {
  const { audit_interval: intervalMs } = config;
  if (intervalMs === 0) return null;
  const audit = auditOf({ sink, config, catalog, log });
  return new AuditPart({
    sink: sink.name,
    intervalMs,
    isMine: () => [...open()].some(({ partition }) => partition === 0),
    audit: (signal) => audit({ dest: destination.now.fingerprint, kind: 'due', signal }),
    metrics: metrics.audit,
    log,
  });
}
