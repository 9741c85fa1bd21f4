import { setTimeout as delay } from 'node:timers/promises';

import { createKafka } from '@scoreline/kafka';
import { type Audit, bucketOf, ledgerTopic } from '@scoreline/ledger';
import type { Catalog } from '@scoreline/schema';
import { ConfigError, type Logger } from '@scoreline/service';

import { topicOf } from '../landed-topics.ts';
import type { LandingConfig } from '../settings.ts';
import type { Sink } from '../sink.ts';
import { type AskableSink, audit, type AuditOutcome } from './audit.ts';
import { recordAudit } from './record-audit.ts';

export interface SinkAuditOptions {
  readonly sink: Sink;
  readonly config: LandingConfig;
  readonly catalog: Catalog;
  readonly log: Logger;
}

export interface AuditRun {
  /** Fingerprint of the destination that the sink has found. */
  readonly dest: string;
  /** What is due, and not faster than half of the time; or all that `audit_ids` names. */
  readonly kind: 'due' | 'asked';
  readonly signal: AbortSignal;
}

export interface MadeAudit {
  readonly outcome: AuditOutcome;
  /** Writes into the ledger what was clean. Resolves with all that it has then. */
  readonly record: () => Promise<readonly Audit[]>;
}

/** One audit of a sink that has started. */
export type SinkAudit = (run: AuditRun) => Promise<MadeAudit>;

/** @throws ConfigError `audit-unsupported` for a sink that cannot be asked. */
export function auditOf({ sink, config, catalog, log }: SinkAuditOptions): SinkAudit {
  const askable = asAskable(sink);
  const { table, topic_prefix: prefix, audit_ids: ids } = config;
  const kafka = createKafka(config, { clientId: `sink-${sink.name}-audit`, log });
  const topic = ledgerTopic(table, prefix);
  return async ({ dest, kind, signal }) => {
    const isDue = kind === 'due';
    const span = isDue || ids === undefined ? null : ids;
    const outcome = await audit({
      sink: askable,
      dest,
      kafka,
      topics: catalog.map((version) => topicOf(config, version)),
      ledgerTopic: topic,
      log,
      signal,
      span: span && { from: bucketOf(span.from), to: bucketOf(span.to) },
      onlyDue: isDue,
      ...(isDue ? { rest: (lastMs) => delay(lastMs, undefined, { signal }) } : {}),
    });
    const options = { kafka, ledgerTopic: topic, table, prefix, sink: sink.name, log, signal };
    return { outcome, record: () => recordAudit(outcome, options) };
  };
}

function asAskable(sink: Sink): AskableSink {
  if (sink.heldIds !== undefined) return sink as AskableSink;
  throw new ConfigError(`sink-${sink.name} cannot ask its destination which ids it holds`, {
    code: 'audit-unsupported',
    remedy: 'Remove audit_interval.',
  });
}
