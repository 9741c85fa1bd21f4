import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Database } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { ownServers } from './own-servers.ts';
import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

const ADMIN = { mariadb: 'ADMIN_DSN', mysql: 'MYSQL_ADMIN_DSN' } as const;

/** Capture from a replica, while its primary is written to. */
export function replicaCases(server: SqlServerName): void {
  let primary: Database;
  let replica: Database;
  ownServers(server, async (servers) => {
    ({ primary, replica } = await servers.pair({ flavour: server }));
    // The administrator writes to the primary; whoever captures sees the replica alone.
    return { ...replica.env, [ADMIN[server]]: primary.adminDsn };
  });

  test(`${server}: a replica is captured through kills of capture and of the replica`, async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    const { admin } = source;
    await source.createTable();
    await source.insert(5);
    await replica.caughtUp();
    const before = await source.ids();
    const first = await start().ready();

    await source.insert(300);
    await admin.query('BEGIN');
    await source.insert(40);
    await admin.query('ROLLBACK');
    await source.insert(300);
    await until(async () => (await first.metric('scoreline_capture_rows_read_total')) > 0);
    await first.kill();
    await source.insert(300);
    const second = await start().ready();
    await source.insert(300);
    await replica.kill();
    await source.insert(300);
    await replica.start();
    await source.insert(300);

    const committed = (await source.ids()).filter((id) => !before.includes(id));
    assert.equal(committed.length, 1_800);
    await topic.assertHolds(committed);
    assert.ok(second.isRunning, second.said);
    const { source: identity, gtidSet, position } = await topic.checkpoint();
    assert.equal(identity.serverId, await serverId(replica));
    assert.match(position.file, /^binlog\.\d+$/);
    const writer = server === 'mariadb' ? `-${await serverId(primary)}-` : await uuid(primary);
    assert.ok(gtidSet.includes(writer), `${gtidSet} names the server that wrote the rows`);
  });

  test(`${server}: all the rows of a replica's binlog are there from its first on`, async (t) => {
    const made = await setup(t, server, { initial: 'all' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    await source.insert(700);
    await replica.caughtUp();
    await start().ready();
    await source.insert(700);
    await topic.assertHolds(await source.ids());
  });
}

async function serverId(database: Database): Promise<number> {
  const [row] = await database.run('SELECT @@server_id AS value');
  return Number(row?.['value']);
}

async function uuid(database: Database): Promise<string> {
  const [row] = await database.run('SELECT @@server_uuid AS value');
  return String(row?.['value']);
}
