import { ownServers } from './testing/own-servers.ts';
import { captureCases } from './testing/server-cases.ts';

ownServers('mysql', async (servers) => {
  const { env } = await servers.start({ flavour: 'mysql', gtid: false });
  return env;
});
captureCases('mysql', { gtids: false });
