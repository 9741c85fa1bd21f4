import { replicationCases } from './replication-cases.ts';

replicationCases('mariadb', { flavour: 'mariadb' });
