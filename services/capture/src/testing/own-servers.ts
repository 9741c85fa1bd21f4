import { after, before } from 'node:test';

import { Databases } from '@scoreline/local';

import type { SqlServerName } from './source-database.ts';

const VARIABLE = { mariadb: 'DATABASE_DSN', mysql: 'MYSQL_DSN' } as const;

/**
 * Database servers of a test file's own, which take the stack's place for its tests. `start` resolves
 * to their addresses. Where the stack is not there they are not started, and the tests are skipped.
 */
export function ownServers(
  flavour: SqlServerName,
  start: (servers: Databases) => Promise<Readonly<Record<string, string>>>,
): void {
  const servers = new Databases();
  before(async () => {
    if (!process.env['KAFKA_BROKERS'] || !process.env[VARIABLE[flavour]]) return;
    Object.assign(process.env, await start(servers));
  });
  after(() => servers.destroy());
}
