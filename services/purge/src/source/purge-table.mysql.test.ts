import { chunkCases } from './testing/chunk-cases.ts';
import { purgePreflightCases } from './testing/purge-preflight-cases.ts';
import { executedGtidCases, purgeTableCases } from './testing/purge-table-cases.ts';

purgeTableCases('mysql');
executedGtidCases();
chunkCases('mysql');
purgePreflightCases('mysql');
