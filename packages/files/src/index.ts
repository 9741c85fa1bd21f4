export { ARCHIVE_NAME, type ArchiveFiles } from './archive-files.ts';
export { CODECS, type CodecName } from './codec.ts';
export { configuredSink, type ServiceParts } from './configured-sink.ts';
export { crc32cBase64, crc32cHex } from './crc32c-text.ts';
export { fileError } from './file-error.ts';
export { type FileSystem, nodeFiles } from './file-system.ts';
export { headerMetadata, HEADER_BYTES_MAX } from './file-header.ts';
export { type ObjectMetrics, objectMetrics } from './metrics.ts';
export { ObjectSink, type ObjectSinkOptions } from './object-sink.ts';
export type {
  ListedObject,
  NewObject,
  ObjectMetadata,
  ObjectStore,
  StoredObject,
} from './object-store.ts';
export { fileSettings } from './settings.ts';
export { writeAll } from './write-all.ts';
export { checkedMetadata, corrupt, withChecksum } from './file-checksum.ts';
export { objectBytes } from './object-bytes.ts';
