export type { NewObject, ObjectMetadata, ObjectStore, StoredObject } from './object-store.ts';
export { crc32cBase64, objectBytes } from './object-bytes.ts';
