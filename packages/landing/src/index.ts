export { auditActions, auditSentence } from './audit/audit-action.ts';
export { WORD_IDS, WordIds } from './audit/id-words.ts';
export * from './commit-metadata.ts';
export { readGroup } from './group-offsets.ts';
export { groupOf, landedTopics, type LandedTopic } from './landed-topics.ts';
export { checkNobodyAdds } from './existing-rows.ts';
export { IdSet } from './id-set.ts';
export { landingMetrics } from './metrics.ts';
export type { LoadedRange, Range, RangeChunk, RangeFacts } from './range.ts';
export { RangeBuilder } from './range-builder.ts';
export { type Rest, restOf } from './rest-of-range.ts';
export type { FoundPartition } from './resume.ts';
export { runSink, type SinkContext } from './run-sink.ts';
export {
  type AcceptedOffset,
  type IdSpan,
  type LandingConfig,
  landingSettings,
  spoolFolder,
} from './settings.ts';
export type { AskedIds, Destination, RangeLimits, Sink, WriteAttempt } from './sink.ts';
