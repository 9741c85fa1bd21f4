/** Confluent's wire format: a zero byte, the schema's id (4 bytes, big-endian), then the Avro datum. */
export const WIRE_HEADER_BYTES = 5;

export function wireHeader(schemaId: number): Buffer {
  const header = Buffer.alloc(WIRE_HEADER_BYTES);
  header.writeInt32BE(schemaId, 1);
  return header;
}
