import { PermanentError } from '@scoreline/service';
import type avsc from 'avsc';

/**
 * Every value is one format byte, then an Avro datum of that format's schema. A newer format than the
 * reader knows is doubt: it stops.
 */
const FORMAT = 1;

export function encodeValue(type: avsc.Type, value: unknown): Buffer {
  return Buffer.concat([Buffer.from([FORMAT]), type.toBuffer(value)]);
}

/**
 * @param where topic and offset, for errors.
 * @throws PermanentError `ledger-unknown`
 */
export function decodeValue(type: avsc.Type, value: Buffer | null, where: string): unknown {
  if (value === null || value.length === 0) throw unknownRecord(where, 'it has no value');
  if (value[0] !== FORMAT)
    throw unknownRecord(where, `its format is ${value[0]}, known is ${FORMAT}`);
  try {
    return type.fromBuffer(value.subarray(1));
  } catch (cause) {
    throw unknownRecord(where, 'its value is not Avro of that format', cause);
  }
}

/** The same, of plain objects: avsc's have constructors of their own, which deep equality minds. None has bytes. */
export function decodePlain(type: avsc.Type, value: Buffer | null, where: string): unknown {
  return JSON.parse(JSON.stringify(decodeValue(type, value, where)));
}

export function unknownRecord(where: string, what: string, cause?: unknown): PermanentError {
  return new PermanentError(`the ledger record at ${where} is not understood: ${what}`, {
    code: 'ledger-unknown',
    remedy:
      'It was written by a newer release, or by something else. Start that release again; delete nothing.',
    cause,
  });
}
