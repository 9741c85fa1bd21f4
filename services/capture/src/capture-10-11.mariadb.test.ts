import assert from 'node:assert/strict';

import { ownServers } from './testing/own-servers.ts';
import { captureCases } from './testing/server-cases.ts';

ownServers('mariadb', async (servers) => {
  const database = await servers.start({ flavour: 'mariadb', version: '10.11.5' });
  const [row] = await database.run('SELECT VERSION() AS version');
  assert.match(String(row?.['version']), /^10\.11\./);
  return database.env;
});
captureCases('mariadb', { release: '10.11' });
