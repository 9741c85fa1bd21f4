import { PermanentError } from '@scoreline/service';
import avsc from 'avsc';

import type { Checkpoint } from './checkpoint.ts';

/**
 * Every value is one format byte, then an Avro datum of that format's schema. A newer format than the
 * reader knows is doubt: it stops.
 */
const FORMAT = 1;

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

/** One record of the ledger topic. */
export interface LedgerMessage {
  readonly key: Buffer;
  readonly value: Buffer;
}

export type LedgerEntry =
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'fence'; readonly uuid: string };

const CHECKPOINT_KEY = 'checkpoint';
const FENCE_KEY = 'fence:';

export function checkpointMessage(checkpoint: Checkpoint): LedgerMessage {
  return { key: Buffer.from(CHECKPOINT_KEY), value: encode(checkpointType, checkpoint) };
}

/** Written by the transaction that fences: reading the ledger is complete when it is seen. */
export function fenceMessage(uuid: string, fence: Fence): LedgerMessage {
  return { key: Buffer.from(FENCE_KEY + uuid), value: encode(fenceType, fence) };
}

/**
 * @param where topic and offset, for errors.
 * @throws PermanentError when the key or the format is unknown, or the value is not of its format.
 */
export function decodeEntry(key: Buffer | null, value: Buffer | null, where: string): LedgerEntry {
  const name = key?.toString() ?? '';
  if (name.startsWith(FENCE_KEY)) {
    decode(fenceType, value, where);
    return { kind: 'fence', uuid: name.slice(FENCE_KEY.length) };
  }
  if (name !== CHECKPOINT_KEY) throw unknown(where, `its key is ${JSON.stringify(name)}`);
  return { kind: 'checkpoint', checkpoint: plain(decode(checkpointType, value, where)) };
}

function decode(type: avsc.Type, value: Buffer | null, where: string): unknown {
  if (value === null || value.length === 0) throw unknown(where, 'it has no value');
  if (value[0] !== FORMAT) throw unknown(where, `its format is ${value[0]}, known is ${FORMAT}`);
  try {
    return type.fromBuffer(value.subarray(1));
  } catch (cause) {
    throw unknown(where, 'its value is not Avro of that format', cause);
  }
}

function encode(type: avsc.Type, value: unknown): Buffer {
  return Buffer.concat([Buffer.from([FORMAT]), type.toBuffer(value)]);
}

/** avsc's records have constructors of their own, which deep equality minds. */
function plain(checkpoint: unknown): Checkpoint {
  return JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
}

function unknown(where: string, what: string, cause?: unknown): PermanentError {
  return new PermanentError(`the ledger record at ${where} is not understood: ${what}`, {
    code: 'ledger-unknown',
    remedy:
      'It was written by a newer release, or by something else. Start that release again; delete nothing.',
    cause,
  });
}
