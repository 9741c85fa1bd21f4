import { archiveStatusCases } from '../testing/status-cases.ts';

archiveStatusCases('mariadb');
