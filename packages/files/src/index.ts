export type { NewObject, ObjectMetadata, ObjectStore, StoredObject } from './object-store.ts';
