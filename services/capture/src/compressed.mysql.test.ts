import { compressedCases } from './testing/compressed-cases.ts';

compressedCases('mysql');
