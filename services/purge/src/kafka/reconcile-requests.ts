import { hostname } from 'node:os';

import { ledgerTopic, reconcileRequestMessage, writeLedger } from '@scoreline/ledger';
import type { Kafka } from 'kafkajs';

import type { RequestsPort } from '../purge/ports.ts';

export interface RequestsOptions {
  readonly table: string;
  readonly prefix: string;
  readonly now: () => number;
}

/** Requests to capture, in the ledger: it looks for rows with these ids in the table, and publishes those it lacks. */
export class ReconcileRequests implements RequestsPort {
  readonly #kafka: Kafka;
  readonly #options: RequestsOptions;

  constructor(kafka: Kafka, options: RequestsOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  async ask(
    range: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { table, prefix, now } = this.#options;
    const where = {
      topic: ledgerTopic(table, prefix),
      transactionalId: `${prefix}scoreline-requests-${table}`,
      signal,
    };
    await writeLedger(this.#kafka, where, async () => [
      reconcileRequestMessage({ ...range, atMs: now(), by: `purge@${hostname()}` }),
    ]);
  }
}
