const SYNC_BYTES = 16;

/** The header of an Avro file, which alone is a file without rows. It ends as the file does, with the marker. */
export function withoutRows(avro: Buffer): Buffer {
  const sync = avro.subarray(-SYNC_BYTES);
  return avro.subarray(0, avro.indexOf(sync) + SYNC_BYTES);
}
