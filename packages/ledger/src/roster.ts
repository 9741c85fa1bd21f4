import avsc from 'avsc';

import { decodePlain, encodeValue } from './envelope.ts';
import type { LedgerMessage } from './message.ts';

/**
 * What has become of a sink: one that is `testing` lands beside the others and proves nothing, an `active`
 * one must hold a row before it is deleted, a `retired` one need not hold it any more.
 */
export type SinkState = 'testing' | 'active' | 'retired';

/** One step of a sink's life, as somebody has decided it. */
export interface RosterChange {
  readonly state: SinkState;
  readonly atMs: number;
  /** User and host. */
  readonly by: string;
  readonly why: string;
}

/** One sink as the ledger records it. */
export interface RosterSink {
  readonly name: string;
  readonly state: SinkState;
  /** Fingerprint of the destination that was promoted; null before. */
  readonly dest: string | null;
  /** Every change, oldest first. */
  readonly changes: readonly RosterChange[];
}

/** Of a sink that it does not name nothing is known: it may be landing, and proves nothing. */
export type Roster = readonly RosterSink[];

const rosterType = avsc.Type.forSchema({
  type: 'record',
  name: 'Roster',
  fields: [
    {
      name: 'sinks',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'RosterSink',
          fields: [
            { name: 'name', type: 'string' },
            {
              name: 'state',
              type: { type: 'enum', name: 'SinkState', symbols: ['testing', 'active', 'retired'] },
            },
            { name: 'dest', type: ['null', 'string'] },
            {
              name: 'changes',
              type: {
                type: 'array',
                items: {
                  type: 'record',
                  name: 'RosterChange',
                  fields: [
                    { name: 'state', type: 'SinkState' },
                    { name: 'atMs', type: 'long' },
                    { name: 'by', type: 'string' },
                    { name: 'why', type: 'string' },
                  ],
                },
              },
            },
          ],
        },
      },
    },
  ],
});

export const ROSTER_KEY = 'sinks';

export function rosterMessage(roster: Roster): LedgerMessage {
  return { key: Buffer.from(ROSTER_KEY), value: encodeValue(rosterType, { sinks: roster }) };
}

/** @throws PermanentError `ledger-unknown` */
export function decodeRoster(value: Buffer | null, where: string): Roster {
  return (decodePlain(rosterType, value, where) as { readonly sinks: Roster }).sinks;
}
