import { captureCases } from './testing/server-cases.ts';

captureCases('mariadb');
