import { test } from 'node:test';

import { type Database, holdCommit, semiSync } from '@scoreline/local';

import { ownServers } from './testing/own-servers.ts';
import { setup } from './testing/setup.ts';

let primary: Database;
let replica: Database;
ownServers('mariadb', async (servers) => {
  ({ primary, replica } = await servers.pair({ flavour: 'mariadb' }));
  await semiSync(primary, replica);
  return primary.env;
});

test('a row that is in the binlog and cannot be seen when capture begins is there once', async (t) => {
  const made = await setup(t, 'mariadb', { initial: 'all' });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  await source.insert(50);
  const held = await holdCommit(
    primary,
    replica,
    `INSERT INTO ${source.name}.log_scores (server_id, ts) VALUES (1, '2026-11-21 12:00:00')`,
  );
  // A stream from the end of the binlog would not bring it, and neither does a scan now.
  await start().ready();
  await topic.read(50);
  await held.release();
  await source.insert(10);
  await topic.assertHolds(await source.ids());
});
