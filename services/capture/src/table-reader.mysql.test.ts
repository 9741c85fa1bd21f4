import { readerCases } from './testing/reader-cases.ts';
import { readerDoubtCases } from './testing/reader-doubt-cases.ts';
import { readerStateCases } from './testing/reader-state-cases.ts';

readerCases('mysql');
readerStateCases('mysql');
readerDoubtCases('mysql');
