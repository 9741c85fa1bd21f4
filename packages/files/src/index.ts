export type { NewObject, ObjectMetadata, ObjectStore, StoredObject } from './object-store.ts';
export { checkedMetadata, corrupt, withChecksum } from './file-checksum.ts';
export { crc32cBase64, objectBytes } from './object-bytes.ts';
