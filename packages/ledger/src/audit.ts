import avsc from 'avsc';

import { decodePlain, encodeValue, unknownRecord } from './envelope.ts';
import type { LedgerMessage } from './message.ts';

/**
 * A clean comparison of the ledger with a destination, id by id, over buckets without a gap between them:
 * each captured id was there once, and no other id.
 */
export interface Audit {
  /** Number of the first bucket. */
  readonly from: number;
  /**
   * How many ids each bucket had captured then, from the first one on. A bit is never taken back, so that as
   * long as the count is the same the set is.
   */
  readonly counts: readonly number[];
  /** Fingerprint of the destination that was compared. */
  readonly dest: string;
  /**
   * Where the group's unbroken run began then, by topic and partition, -1 where it had none: what came later
   * it has landed itself.
   */
  readonly since: Readonly<Record<string, readonly number[]>>;
  readonly atMs: number;
}

/** The clean audits of one sink. */
export interface SinkAudits {
  readonly sink: string;
  readonly audits: readonly Audit[];
}

const auditsType = avsc.Type.forSchema({
  type: 'record',
  name: 'SinkAudits',
  fields: [
    { name: 'sink', type: 'string' },
    {
      name: 'audits',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Audit',
          fields: [
            { name: 'from', type: 'long' },
            { name: 'counts', type: { type: 'array', items: 'long' } },
            { name: 'dest', type: 'string' },
            {
              name: 'since',
              type: { type: 'map', values: { type: 'array', items: 'long' } },
            },
            { name: 'atMs', type: 'long' },
          ],
        },
      },
    },
  ],
});

export const AUDIT_KEY = 'audit:';

/** Written by the sink itself, which is the one that can ask its destination. */
export function auditsMessage(audits: SinkAudits): LedgerMessage {
  return { key: Buffer.from(AUDIT_KEY + audits.sink), value: encodeValue(auditsType, audits) };
}

/** @throws PermanentError `ledger-unknown` */
export function decodeAudits(key: string, value: Buffer | null, where: string): SinkAudits {
  const audits = decodePlain(auditsType, value, where) as SinkAudits;
  if (key === AUDIT_KEY + audits.sink) return audits;
  throw unknownRecord(where, `its key is ${JSON.stringify(key)}, and it is of ${audits.sink}`);
}
