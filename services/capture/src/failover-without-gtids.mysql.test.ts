import { failoverCases } from './testing/failover-cases.ts';

failoverCases('mysql', { gtids: false });
