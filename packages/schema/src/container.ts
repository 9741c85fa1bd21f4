import { AvroReader } from './avro-read.ts';
import { writeLong } from './avro-write.ts';

/**
 * Avro object containers over datums that are encoded already
 * (https://avro.apache.org/docs/1.11.1/specification/#object-container-files): the header once, then
 * one block or more, each `count, bytes, datums, sync`. Compressing a block's datums is the caller's.
 */
export const SYNC_BYTES = 16;

const MAGIC = Buffer.from('Obj\x01', 'latin1');

export interface ContainerOptions {
  /** What the blocks' datums are compressed with: a name of the specification. */
  readonly codec?: string;
  /** Further entries; names that begin with `avro.` are Avro's own. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** @param sync 16 bytes that end the header and every block. */
export function containerHeader(
  schemaJson: string,
  sync: Uint8Array,
  { codec = 'null', metadata = {} }: ContainerOptions = {},
): Buffer {
  const entries = Object.entries({
    'avro.schema': schemaJson,
    'avro.codec': codec,
    ...metadata,
  });
  return Buffer.concat([
    MAGIC,
    long(entries.length),
    ...entries.map(([key, value]) => entry(key, value)),
    long(0),
    marker(sync),
  ]);
}

/** The entries of the header that `bytes` begin with; null when they begin with no whole one. */
export function readContainerHeader(bytes: Buffer): Readonly<Record<string, string>> | null {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const reader = new AvroReader();
  reader.bytes = bytes;
  reader.at = MAGIC.length;
  const entries: Record<string, string> = {};
  for (;;) {
    let count = reader.long();
    if (count === 0) break;
    if (count < 0) {
      // Then it is followed by the entries' size.
      count = -count;
      reader.long();
    }
    for (; count > 0; count--) {
      const before = reader.at;
      const key = reader.string();
      entries[key] = reader.string();
      // A length may be anything where the bytes are no header.
      if (reader.at <= before || reader.at > bytes.length) return null;
    }
  }
  return reader.at + SYNC_BYTES <= bytes.length ? entries : null;
}

/**
 * One block, in pieces, so that its bytes are not copied.
 *
 * @param datums as the codec leaves them.
 */
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
