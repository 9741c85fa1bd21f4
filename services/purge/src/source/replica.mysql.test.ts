import { replicaCases } from './testing/replica-cases.ts';

replicaCases('mysql');
