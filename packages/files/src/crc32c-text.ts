/** As GCS and S3 write it: its four bytes, the highest first, in base64. */
export function crc32cBase64(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}

/** As it stands in identities, metadata and the manifest. */
export function crc32cHex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
