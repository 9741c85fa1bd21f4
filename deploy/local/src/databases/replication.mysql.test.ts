import { replicationCases } from './replication-cases.ts';

replicationCases('mysql', { flavour: 'mysql' });
replicationCases('mysql without GTIDs', { flavour: 'mysql', gtid: false });
