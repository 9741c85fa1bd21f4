export { createKafka } from './client.ts';
export type { CommittedRecord } from './committed-record.ts';
export { crc32c, crc32cCombine } from './crc32c.ts';
export { isCoordinatorMoving, isFenced, isStaleMember, kafkaErrorType } from './errors.ts';
export { FencingWriter, type FencingWriterOptions } from './fencing-writer.ts';
export { isLeaderPending } from './leaders.ts';
export { murmur2, partitionFor } from './partition.ts';
export { isPassing } from './passing-errors.ts';
export { assertPatched } from './patch-marker.ts';
export { type LogBounds, PartitionReader } from './partition-reader.ts';
export { readPartition } from './read-partition.ts';
export { BATCH_HEADER_BYTES, DEFAULT_BATCH_BYTES, RecordBatch } from './record-batch.ts';
export {
  type RecordVisitor,
  type ScannedPartition,
  type ScanOptions,
  type ScanProgress,
  scanTopic,
} from './scan-topic.ts';
export { SilenceError } from './silence-error.ts';
export { type KafkaConfig, kafkaSettings, type TopicConfig, topicSettings } from './settings.ts';
export { type RequiredConfig, rowTopicSpec, type TopicSpec } from './topic-spec.ts';
export { ensureTopic, type TopicState } from './topics.ts';
export { type BatchOrigin, RecordCursor, verifyBatch } from './walk.ts';
