export { type BulkOptions, bulkLoad, singleRowTransactions } from './bulk.ts';
export { createSchema } from './create-schema.ts';
export { startTraffic, type Traffic, type TrafficOptions, type TrafficStats } from './traffic.ts';
export type { Commit } from './writer.ts';
