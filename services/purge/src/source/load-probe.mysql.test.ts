import { loadProbeCases } from './testing/load-probe-cases.ts';

loadProbeCases('mysql');
