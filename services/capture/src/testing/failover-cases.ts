import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Database } from '@scoreline/local';

import { ownServers } from './own-servers.ts';
import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';
import type { Variant } from './variant.ts';

/** The primary is gone, and capture goes on at what was its replica because the operator says so. */
export function failoverCases(server: SqlServerName, { gtids = true }: Variant = {}): void {
  const on = gtids ? server : `${server} without GTIDs`;
  let primary: Database;
  let replica: Database;
  ownServers(server, async (servers) => {
    ({ primary, replica } = await servers.pair({ flavour: server, gtid: gtids }));
    return primary.env;
  });

  test(`${on}: another server is gone on at when it is named and has every row`, async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const first = await start().ready();
    await source.insert(3_000);
    await replica.caughtUp();
    await replica.stopReceiving();
    await source.insert(500);
    await topic.read(3_500);
    assert.equal(await first.stop(), 0, first.said);

    const there = { database_dsn: replica.dsn.replace(/\/[^/]*$/, `/${source.name}`) };
    const refused = start(there);
    assert.equal(await refused.exited(), 1, refused.said);
    assert.equal(refused.failure?.code, gtids ? 'source-behind' : 'source-changed');
    const [, uuid = ''] = /accept_new_source=(\S+)/.exec(refused.failure?.remedy ?? '') ?? [];
    const accepted = { ...there, accept_new_source: uuid };

    const lacking = start(accepted);
    assert.equal(await lacking.exited(), 1, lacking.said);
    assert.equal(lacking.failure?.code, 'source-rewound');
    assert.match(lacking.failure?.message ?? '', /its next id is \d+, and id \d+ is captured/);

    await replica.startReceiving();
    await source.insert(200);
    const ids = await source.ids();
    await replica.caughtUp();
    await replica.promote();
    const second = await start(accepted).ready();
    assert.match(second.said, /going on at another server/);
    await replica.run(
      `INSERT INTO ${source.name}.log_scores (server_id, ts) VALUES (1, '2026-11-21 12:00:00')`,
    );
    const all = [...ids, ids.at(-1)! + 1];
    await topic.assertHolds(all);
    assert.equal((await topic.checkpoint()).source.serverUuid, uuid);
    await second.stop();
    // The setting may stay: it names the server that the ledger knows by now.
    const third = await start(accepted).ready();
    assert.doesNotMatch(third.said, /going on at another server/);
    await topic.assertHolds(all);
  });
}
