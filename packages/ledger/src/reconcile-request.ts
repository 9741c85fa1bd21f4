import avsc from 'avsc';

import { decodePlain, encodeValue } from './envelope.ts';
import type { LedgerMessage } from './message.ts';

/** Ids of rows that the source holds and the ledger lacks: capture is asked to look for them in the table. */
export interface ReconcileRequest {
  /** Ids, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
  /** Which service asks, and its host. */
  readonly by: string;
}

const requestType = avsc.Type.forSchema({
  type: 'record',
  name: 'ReconcileRequest',
  fields: [
    { name: 'from', type: 'long' },
    { name: 'to', type: 'long' },
    { name: 'atMs', type: 'long' },
    { name: 'by', type: 'string' },
  ],
});

/** The last one counts. To look for ids twice does no harm: those that are captured are passed over. */
export const REQUEST_KEY = 'reconcile';

export function reconcileRequestMessage(request: ReconcileRequest): LedgerMessage {
  return { key: Buffer.from(REQUEST_KEY), value: encodeValue(requestType, request) };
}

/** @throws PermanentError `ledger-unknown` */
export function decodeReconcileRequest(value: Buffer | null, where: string): ReconcileRequest {
  return decodePlain(requestType, value, where) as ReconcileRequest;
}
