export { type Audit, auditsMessage, type SinkAudits } from './audit.ts';
export { bucketMessage } from './bucket-codec.ts';
export { Bucket, bucketOf, type BucketOffsets } from './bucket.ts';
export { CapturedIds } from './captured-ids.ts';
export type * from './checkpoint.ts';
export {
  checkpointMessage,
  decodeEntry,
  type Fence,
  fenceMessage,
  type LedgerEntry,
} from './codec.ts';
export { BUCKET_IDS, IdBits } from './id-bits.ts';
export { type LedgerTopics, readLedgerTopics } from './ledger-topics.ts';
export { LedgerView, type LedgerViewOptions } from './ledger-view.ts';
export type { LedgerMessage } from './message.ts';
export { comparePositions, fileNumber } from './position.ts';
export { readLedger, readLedgerUuid, type ReadOptions } from './reader.ts';
export { type ReconcileRequest, reconcileRequestMessage } from './reconcile-request.ts';
export { RequestTail } from './request-tail.ts';
export { type GroupEnd, type Retirement, retirementMessage } from './retirement.ts';
export {
  type Roster,
  type RosterChange,
  rosterMessage,
  type RosterSink,
  type SinkState,
} from './roster.ts';
export { readLedgerSnapshot } from './snapshot.ts';
export type { LedgerState } from './state.ts';
export { ledgerSpec, ledgerTopic } from './topic.ts';
export { type LedgerDecision, writeLedger, type WriteLedgerOptions } from './write-ledger.ts';
