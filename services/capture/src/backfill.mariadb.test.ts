import { backfillCases } from './testing/backfill-cases.ts';

backfillCases('mariadb');
