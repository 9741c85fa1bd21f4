import { isDeepStrictEqual } from 'node:util';

import { type Audit, auditsMessage, type LedgerState, writeLedger } from '@scoreline/ledger';
import { type Logger, retry } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { type AuditOutcome, changed } from './audit.ts';
import { mergeAudits } from './merge-audits.ts';

export interface RecordOptions {
  readonly kafka: Kafka;
  readonly ledgerTopic: string;
  readonly table: string;
  readonly prefix: string;
  readonly sink: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Writes into the ledger which buckets were clean, beside what it has of others. Returns all that it has then.
 *
 * @throws PermanentError `ledger-changed` when it is another ledger than the one that was compared.
 */
export async function recordAudit(
  outcome: AuditOutcome,
  { kafka, ledgerTopic, table, prefix, sink, log, signal }: RecordOptions,
): Promise<readonly Audit[]> {
  let audits: readonly Audit[] = [];
  const transactionalId = `${prefix}scoreline-audit-${sink}-${table}`;
  const decide = async (state: LedgerState) => {
    if (state.checkpoint?.ledgerUuid !== outcome.ledgerUuid) {
      throw changed(ledgerTopic, outcome.ledgerUuid);
    }
    const recorded = state.audits.get(sink) ?? [];
    audits = mergeAudits(recorded, outcome);
    return isDeepStrictEqual(audits, recorded) ? null : [auditsMessage({ sink, audits })];
  };
  // Of two at a time one is fenced, and reads what the other has written.
  await retry(() => writeLedger(kafka, { topic: ledgerTopic, transactionalId, signal }, decide), {
    signal,
    log,
    what: 'recording the audit',
  });
  return audits;
}
