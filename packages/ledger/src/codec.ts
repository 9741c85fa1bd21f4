import avsc from 'avsc';

import { AUDIT_KEY, decodeAudits, type SinkAudits } from './audit.ts';
import { BUCKET_KEY, decodeBucket } from './bucket-codec.ts';
import type { Bucket } from './bucket.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodePlain, decodeValue, encodeValue, unknownRecord } from './envelope.ts';
import type { LedgerMessage } from './message.ts';
import { decodeReconcileRequest, type ReconcileRequest, REQUEST_KEY } from './reconcile-request.ts';
import { decodeRetirement, RETIRED_KEY, type Retirement } from './retirement.ts';
import { decodeRoster, type Roster, ROSTER_KEY } from './roster.ts';

const position = {
  type: 'record',
  name: 'Position',
  fields: [
    { name: 'file', type: 'string' },
    { name: 'offset', type: 'long' },
  ],
};

const checkpointType = avsc.Type.forSchema({
  type: 'record',
  name: 'Checkpoint',
  fields: [
    { name: 'ledgerUuid', type: 'string' },
    {
      name: 'source',
      type: {
        type: 'record',
        name: 'Source',
        fields: [
          {
            name: 'flavour',
            type: { type: 'enum', name: 'Flavour', symbols: ['mariadb', 'mysql'] },
          },
          { name: 'serverUuid', type: 'string' },
          { name: 'serverId', type: 'long' },
        ],
      },
    },
    { name: 'position', type: position },
    { name: 'gtidSet', type: 'string' },
    {
      name: 'event',
      type: [
        'null',
        {
          type: 'record',
          name: 'Event',
          fields: [
            { name: 'file', type: 'string' },
            { name: 'start', type: 'long' },
            { name: 'end', type: 'long' },
            { name: 'crc32', type: 'long' },
          ],
        },
      ],
    },
    { name: 'commitTimeMs', type: 'long' },
    {
      name: 'openGroup',
      type: [
        'null',
        {
          type: 'record',
          name: 'OpenGroup',
          fields: [
            { name: 'start', type: 'Position' },
            { name: 'end', type: 'Position' },
            { name: 'rows', type: 'long' },
          ],
        },
      ],
    },
    {
      name: 'startFloor',
      type: {
        type: 'record',
        name: 'StartFloor',
        fields: [
          { name: 'position', type: 'Position' },
          { name: 'id', type: 'long' },
        ],
      },
    },
    {
      name: 'reconcile',
      type: [
        'null',
        {
          type: 'record',
          name: 'Reconcile',
          fields: [
            {
              name: 'reason',
              type: {
                type: 'enum',
                name: 'Reason',
                symbols: ['initial', 'position_gone', 'new_source', 'request', 'audit'],
              },
            },
            { name: 'p0', type: 'Position' },
            { name: 'from', type: 'long' },
            { name: 'to', type: 'long' },
            { name: 'next', type: 'long' },
            { name: 'published', type: 'long' },
            { name: 'startedAtMs', type: 'long' },
          ],
        },
      ],
    },
    { name: 'optionalColumns', type: { type: 'array', items: 'string' } },
    { name: 'topicEnds', type: { type: 'map', values: { type: 'array', items: 'long' } } },
  ],
} as avsc.Schema);

const fenceType = avsc.Type.forSchema({
  type: 'record',
  name: 'Fence',
  fields: [
    { name: 'atMs', type: 'long' },
    { name: 'host', type: 'string' },
  ],
});

/** Who wrote a fence, and when: for a person who reads the topic. */
export interface Fence {
  readonly atMs: number;
  readonly host: string;
}

export type LedgerEntry =
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'bucket'; readonly bucket: Bucket }
  | { readonly kind: 'retired'; readonly retirement: Retirement }
  | { readonly kind: 'roster'; readonly roster: Roster }
  | { readonly kind: 'audits'; readonly audits: SinkAudits }
  | { readonly kind: 'request'; readonly request: ReconcileRequest }
  | { readonly kind: 'fence'; readonly uuid: string };

/** Of these keys nobody but capture writes, each transaction with its checkpoint last. */
export function isCaptures(key: string): boolean {
  return key !== ROSTER_KEY && key !== REQUEST_KEY && !key.startsWith(AUDIT_KEY);
}

export const CHECKPOINT_KEY = 'checkpoint';
export const FENCE_KEY = 'fence:';

export function checkpointMessage(checkpoint: Checkpoint): LedgerMessage {
  return { key: Buffer.from(CHECKPOINT_KEY), value: encodeValue(checkpointType, checkpoint) };
}

/** Written by the transaction that fences: reading the ledger is complete when it is seen. */
export function fenceMessage(uuid: string, fence: Fence): LedgerMessage {
  return { key: Buffer.from(FENCE_KEY + uuid), value: encodeValue(fenceType, fence) };
}

/**
 * @param where topic and offset, for errors.
 * @throws PermanentError when the key or the format is unknown, or the value is not of its format.
 */
export function decodeEntry(key: Buffer | null, value: Buffer | null, where: string): LedgerEntry {
  const name = key?.toString() ?? '';
  if (name.startsWith(FENCE_KEY)) {
    decodeValue(fenceType, value, where);
    return { kind: 'fence', uuid: name.slice(FENCE_KEY.length) };
  }
  if (name.startsWith(BUCKET_KEY)) {
    return { kind: 'bucket', bucket: decodeBucket(name, value, where) };
  }
  if (name.startsWith(RETIRED_KEY)) {
    return { kind: 'retired', retirement: decodeRetirement(name, value, where) };
  }
  if (name === ROSTER_KEY) return { kind: 'roster', roster: decodeRoster(value, where) };
  if (name.startsWith(AUDIT_KEY)) {
    return { kind: 'audits', audits: decodeAudits(name, value, where) };
  }
  if (name === REQUEST_KEY) {
    return { kind: 'request', request: decodeReconcileRequest(value, where) };
  }
  if (name !== CHECKPOINT_KEY) throw unknownRecord(where, `its key is ${JSON.stringify(name)}`);
  const checkpoint = decodePlain(checkpointType, value, where) as Checkpoint;
  return { kind: 'checkpoint', checkpoint };
}
