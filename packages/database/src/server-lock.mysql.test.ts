import { serverLockCases } from './testing/server-lock-cases.ts';

serverLockCases('mysql');
