import { keptColumnsCases } from './testing/kept-columns-cases.ts';

keptColumnsCases('mysql');
