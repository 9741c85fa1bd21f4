import avsc from 'avsc';

import { decodePlain, encodeValue, unknownRecord } from './envelope.ts';
import type { LedgerMessage } from './message.ts';

/** A consumer group of a topic, as it was when the topic was retired. */
export interface GroupEnd {
  readonly group: string;
  /** By partition, -1 where it had committed none. */
  readonly committed: readonly number[];
  /** By partition: what it had committed beside the offset, which says where its rows are. */
  readonly metadata: readonly string[];
}

/**
 * A version's topic that nobody needs any more: every group of it had all of its rows. The bits of its ids
 * stay, and its records may go.
 */
export interface Retirement {
  readonly topic: string;
  /** To which the rows go instead. */
  readonly successor: string;
  /** By partition, the offset after its last row. */
  readonly ends: readonly number[];
  readonly groups: readonly GroupEnd[];
  readonly atMs: number;
  /** User and host. */
  readonly by: string;
}

const offsets = { type: 'array', items: 'long' };

const retirementType = avsc.Type.forSchema({
  type: 'record',
  name: 'Retirement',
  fields: [
    { name: 'topic', type: 'string' },
    { name: 'successor', type: 'string' },
    { name: 'ends', type: offsets },
    {
      name: 'groups',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'GroupEnd',
          fields: [
            { name: 'group', type: 'string' },
            { name: 'committed', type: offsets },
            { name: 'metadata', type: { type: 'array', items: 'string' } },
          ],
        },
      },
    },
    { name: 'atMs', type: 'long' },
    { name: 'by', type: 'string' },
  ],
} as avsc.Schema);

/** A release that does not know of it stops at its key, and publishes nothing to a topic that may be gone. */
export const RETIRED_KEY = 'retired:';

export function retirementMessage(retirement: Retirement): LedgerMessage {
  const value = encodeValue(retirementType, retirement);
  return { key: Buffer.from(RETIRED_KEY + retirement.topic), value };
}

/** @throws PermanentError `ledger-unknown` */
export function decodeRetirement(key: string, value: Buffer | null, where: string): Retirement {
  const retirement = decodePlain(retirementType, value, where) as Retirement;
  if (key === RETIRED_KEY + retirement.topic) return retirement;
  throw unknownRecord(where, `its key is ${JSON.stringify(key)}, and it is of ${retirement.topic}`);
}
