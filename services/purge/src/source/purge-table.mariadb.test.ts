import { chunkCases } from './testing/chunk-cases.ts';
import { purgePreflightCases } from './testing/purge-preflight-cases.ts';
import { purgeTableCases } from './testing/purge-table-cases.ts';

purgeTableCases('mariadb');
chunkCases('mariadb');
purgePreflightCases('mariadb');
