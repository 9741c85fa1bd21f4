import { failoverCases } from './testing/failover-cases.ts';

failoverCases('mariadb');
