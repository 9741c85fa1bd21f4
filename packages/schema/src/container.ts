import { writeLong } from './avro-write.ts';

/**
 * Avro object containers over datums that are encoded already, codec null
 * (https://avro.apache.org/docs/1.11.1/specification/#object-container-files): the header once, then
 * one block or more, each `count, bytes, datums, sync`.
 */
export const SYNC_BYTES = 16;

const MAGIC = Buffer.from('Obj\x01', 'latin1');

/** @param sync 16 bytes that end the header and every block. */
export function containerHeader(schemaJson: string, sync: Uint8Array): Buffer {
  return Buffer.concat([
    MAGIC,
    long(2),
    entry('avro.schema', schemaJson),
    entry('avro.codec', 'null'),
    long(0),
    marker(sync),
  ]);
}

/** One block, in pieces, so that the datums are not copied. */
export function containerBlock(count: number, datums: Buffer, sync: Uint8Array): Buffer[] {
  return [Buffer.concat([long(count), long(datums.length)]), datums, Buffer.from(marker(sync))];
}

function entry(key: string, value: string): Buffer {
  return Buffer.concat([string(key), string(value)]);
}

function string(text: string): Buffer {
  return Buffer.concat([long(Buffer.byteLength(text)), Buffer.from(text)]);
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(10);
  return bytes.subarray(0, writeLong(bytes, 0, value));
}

function marker(sync: Uint8Array): Uint8Array {
  if (sync.length !== SYNC_BYTES) throw new RangeError(`a sync marker has ${SYNC_BYTES} bytes`);
  return sync;
}
