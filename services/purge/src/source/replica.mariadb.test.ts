import { replicaCases } from './testing/replica-cases.ts';

replicaCases('mariadb');
