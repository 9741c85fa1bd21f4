export type * from './checkpoint.ts';
export {
  checkpointMessage,
  decodeEntry,
  type Fence,
  fenceMessage,
  type LedgerEntry,
  type LedgerMessage,
} from './codec.ts';
export { comparePositions, fileNumber } from './position.ts';
export { type LedgerState, readLedger, readLedgerUuid, type ReadOptions } from './reader.ts';
export { ledgerSpec, ledgerTopic } from './topic.ts';
