import { fileURLToPath } from 'node:url';

import { auditCase } from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';

auditCase({
  sink: 'clickhouse',
  main: fileURLToPath(new URL('main.js', import.meta.url)),
  async open(t) {
    const dsn = needServer(t, 'clickhouse');
    if (!dsn) return null;
    const database = await testDatabase(t, dsn);
    const { env, name, client } = database;
    return {
      env,
      ids: async () => (await database.rows()).map(({ id }) => id),
      lose: () =>
        client.command({
          query: `ALTER TABLE ${name}.log_scores DELETE WHERE id IN (7, 8, 65540)`,
          clickhouse_settings: { mutations_sync: '2' },
        }),
    };
  },
});
