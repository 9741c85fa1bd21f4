/** Confluent's wire format: a zero byte, the schema's id (4 bytes, big-endian), then the Avro datum. */
export const WIRE_HEADER_BYTES = 5;

export function wireHeader(schemaId: number): Buffer {
  const header = Buffer.alloc(WIRE_HEADER_BYTES);
  header.writeInt32BE(schemaId, 1);
  return header;
}

/** The schema id of a record's value that begins at `at`, or -1 when it is not in the wire format. */
export function readWireHeader(bytes: Buffer, at: number, end: number): number {
  if (end - at < WIRE_HEADER_BYTES || bytes[at] !== 0) return -1;
  return bytes.readInt32BE(at + 1);
}
