import { connectionCases } from './testing/connection-cases.ts';

connectionCases('mysql');
