import { excludeCases } from './testing/exclude-cases.ts';

excludeCases('mysql');
