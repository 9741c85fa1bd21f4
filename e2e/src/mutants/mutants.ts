import { ARCHIVE_STATUS_MUTANTS } from './archive-status-mutants.ts';
import { BIGQUERY_MUTANTS } from './bigquery-mutants.ts';
import { CLICKHOUSE_MUTANTS } from './clickhouse-mutants.ts';
import { COLUMN_MUTANTS } from './column-mutants.ts';
import { DELIVERY_MUTANTS } from './delivery-mutants.ts';
import { EVENT_MUTANTS } from './event-mutants.ts';
import { EXISTING_ROWS_MUTANTS } from './existing-rows-mutants.ts';
import { FILE_MUTANTS } from './file-mutants.ts';
import { GROUP_MEMBER_MUTANTS } from './group-member-mutants.ts';
import { GROUP_MUTANTS } from './group-mutants.ts';
import { LEDGER_MUTANTS } from './ledger-mutants.ts';
import { MIGRATION_MUTANTS } from './migration-mutants.ts';
import type { Mutant } from './mutant.ts';
import { PATCH_CONSUMER_MUTANTS } from './patch-consumer-mutants.ts';
import { PATCH_PRODUCER_MUTANTS } from './patch-producer-mutants.ts';
import { PRODUCER_MUTANTS } from './producer-mutants.ts';
import { PURGE_SOURCE_MUTANTS } from './purge-source-mutants.ts';
import { QUESTDB_MUTANTS } from './questdb-mutants.ts';
import { RECORD_MUTANTS } from './record-mutants.ts';
import { SOURCE_MUTANTS } from './source-mutants.ts';
import { STORE_MUTANTS } from './store-mutants.ts';
import { TRIM_MUTANTS } from './trim-mutants.ts';

/** Each is one test's proof that it can fail. */
export const MUTANTS: readonly Mutant[] = [
  ...PATCH_PRODUCER_MUTANTS,
  ...PATCH_CONSUMER_MUTANTS,
  ...RECORD_MUTANTS,
  ...PRODUCER_MUTANTS,
  ...EVENT_MUTANTS,
  ...GROUP_MUTANTS,
  ...SOURCE_MUTANTS,
  ...COLUMN_MUTANTS,
  ...MIGRATION_MUTANTS,
  ...LEDGER_MUTANTS,
  ...CLICKHOUSE_MUTANTS,
  ...DELIVERY_MUTANTS,
  ...GROUP_MEMBER_MUTANTS,
  ...EXISTING_ROWS_MUTANTS,
  ...FILE_MUTANTS,
  ...STORE_MUTANTS,
  ...BIGQUERY_MUTANTS,
  ...QUESTDB_MUTANTS,
  ...PURGE_SOURCE_MUTANTS,
  ...TRIM_MUTANTS,
  ...ARCHIVE_STATUS_MUTANTS,
];
