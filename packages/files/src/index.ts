export { CODECS, type CodecName } from './codec.ts';
export { fileError } from './file-error.ts';
export { type FileSystem, nodeFiles } from './file-system.ts';
export { headerMetadata, HEADER_BYTES_MAX } from './file-header.ts';
export { type ObjectMetrics, objectMetrics } from './metrics.ts';
export { ObjectSink, type ObjectSinkOptions } from './object-sink.ts';
export type { NewObject, ObjectMetadata, ObjectStore, StoredObject } from './object-store.ts';
export { type FileConfig, fileLimits, fileSettings, workFolderSettings } from './settings.ts';
export { writeAll } from './write-all.ts';
