import { preflightCases } from './testing/preflight-cases.ts';

preflightCases('mysql');
