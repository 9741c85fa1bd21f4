import { CompressionError, MAX_PAYLOAD_BYTES } from './compression.ts';

/** Fields of a TRANSACTION_PAYLOAD's header: a type, the bytes of the value, the value, all packed. */
const FIELD = { END: 0, PAYLOAD_BYTES: 1, COMPRESSION: 2, UNCOMPRESSED_BYTES: 3 } as const;
const COMPRESSION = { ZSTD: 0, NONE: 255 } as const;

export interface PayloadHeader {
  readonly isCompressed: boolean;
  /** Of the events, when they are not compressed. */
  readonly size: number;
  /** Where they begin; they reach to the event's end. */
  readonly dataAt: number;
}

/** @throws CompressionError */
export function payloadHeader(body: Buffer, at: number, stop: number): PayloadHeader {
  const fields = new Map<number, number>();
  let p = at;
  const packed = (): number => {
    const first = p < stop ? body[p]! : 0xff;
    const bytes = PACKED_BYTES[first] ?? 0;
    if (first === 0xfb || first === 0xff || p + 1 + bytes > stop) throw cutShort();
    const value = bytes === 0 ? first : readNumber(body, p + 1, bytes);
    p += 1 + bytes;
    return value;
  };
  for (let field = packed(); field !== FIELD.END; field = packed()) {
    const bytes = packed();
    const from = p;
    if (from + bytes > stop) throw cutShort();
    // Fields of a later release are passed over, as the server does.
    if (field <= FIELD.UNCOMPRESSED_BYTES) fields.set(field, packed());
    else p += bytes;
    if (p !== from + bytes) throw cutShort();
  }
  return checked(fields, p, stop - p);
}

function checked(fields: Map<number, number>, dataAt: number, bytes: number): PayloadHeader {
  const said = fields.get(FIELD.PAYLOAD_BYTES);
  if (said !== bytes) {
    throw CompressionError.damaged(`its payload says ${said} bytes and has ${bytes}`);
  }
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw CompressionError.tooLarge('a compressed transaction', bytes, MAX_PAYLOAD_BYTES);
  }
  const compression = fields.get(FIELD.COMPRESSION);
  if (compression === COMPRESSION.NONE) return { isCompressed: false, size: bytes, dataAt };
  const size = fields.get(FIELD.UNCOMPRESSED_BYTES);
  if (compression !== COMPRESSION.ZSTD || size === undefined) {
    throw CompressionError.damaged(`its compression is of the unknown kind ${compression}`);
  }
  return { isCompressed: true, size, dataAt };
}

/** By first byte: how many more a packed number has, where it is not that byte. */
const PACKED_BYTES: Readonly<Record<number, number>> = { 0xfc: 2, 0xfd: 3, 0xfe: 8 };

function readNumber(body: Buffer, at: number, bytes: number): number {
  return bytes === 8 ? Number(body.readBigUInt64LE(at)) : body.readUIntLE(at, bytes);
}

function cutShort(): CompressionError {
  return CompressionError.damaged('the header of its payload is not laid out as expected');
}
