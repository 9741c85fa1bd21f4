import { unknownColumnsCases } from './testing/unknown-columns-cases.ts';

unknownColumnsCases('mysql');
