import { gtidFailoverCases } from './testing/gtid-failover-cases.ts';

gtidFailoverCases('mysql');
