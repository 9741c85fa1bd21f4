import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { DatabaseYaml } from './database-yaml.ts';
import { FailoverWorld } from './failover-world.ts';
import type { SqlServerName } from './source-database.ts';
import { TcpProxy } from './tcp-proxy.ts';

const GOING_ON = /failed over: going on by GTID at another server/;
const FROM_CHECKPOINT = /going on from the checkpoint/;

/** The primary is gone, and capture is told another address: no more. */
export function gtidFailoverCases(server: SqlServerName): void {
  test(`${server}: capture goes on at a replica that has everything, and back at the first server`, async (t) => {
    const world = await FailoverWorld.create(t, server);
    if (world === null) return;
    const { topic } = world;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    await world.insert(first, 2_000);
    const killed = await world.capture(first).ready();
    await world.insert(first, 300);
    // Of its own, in the midst of what it replicates; its primary never has it.
    await second.caughtUp();
    await world.insertErrant(second, 1_000_000);
    await world.insert(first, 700);
    await topic.read(1_000);
    await killed.kill();
    await world.insert(first, 400);

    // Received, and not applied before the primary is gone.
    await second.caughtUp();
    await world.stopApplying(second);
    await world.insert(first, 150);
    const again = await world.capture(first).ready();
    await topic.read(1_550);
    await again.kill();
    await world.received(second, first);
    await first.kill();
    const refused = world.capture(second);
    assert.equal(await refused.exited(), 1, refused.said);
    assert.equal(refused.failure?.code, 'source-behind', refused.said);
    assert.match(
      refused.failure?.message ?? '',
      /lacks transactions that were captured: .* does not have \S+[:-]\d+\S* of/,
    );
    assert.match(refused.failure?.remedy ?? '', /catch up.*accept_new_source=/);
    await world.startApplying(second);
    await until(async () => (await world.ids(second)).length === 3_551, { what: 'all applied' });
    await second.promote();
    await world.insert(second, 250);

    const moved = await world.capture(second).ready();
    assert.match(moved.said, GOING_ON);
    await world.insert(second, 250);
    await world.assertCaptured(second);
    assert.equal(await moved.metric('scoreline_capture_reconcile_rows_total'), 0);
    await moved.kill();
    const checkpoint = await topic.checkpoint();
    assert.equal(checkpoint.source.serverId, await world.serverId(second));
    assert.ok(checkpoint.event !== null, 'a place in its binlog tells it all by now');
    assert.ok(checkpoint.reconcile === null);

    // As it was while not all that the first server had was passed.
    const { file } = checkpoint.position;
    await topic.plant({ ...checkpoint, position: { file, offset: 4 }, event: null });
    const early = await world.capture(second).ready();
    assert.match(early.said, /going on by GTID/);
    assert.doesNotMatch(early.said, GOING_ON);
    await world.insert(second, 100);
    await world.assertCaptured(second);
    await early.kill();

    await world.insert(second, 100);
    const restarted = await world.capture(second).ready();
    assert.match(restarted.said, FROM_CHECKPOINT);
    await world.assertCaptured(second);
    await first.start();
    await first.replicateFrom(second);
    await world.insert(second, 100);
    await world.assertCaptured(second);
    await restarted.kill();
    await world.insert(second, 60);
    await first.caughtUp();
    await second.kill();
    await first.promote();
    await world.insert(first, 40);
    const back = await world.capture(first).ready();
    assert.match(back.said, GOING_ON);
    await world.insert(first, 30);
    await world.assertCaptured(first);
    await back.stop();
    assert.equal((await topic.checkpoint()).source.serverId, await world.serverId(first));
  });

  test(`${server}: a running capture goes on when another server answers at the same address`, async (t) => {
    const world = await FailoverWorld.create(t, server);
    if (world === null) return;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    const proxy = await TcpProxy.create(t, '127.0.0.1', first.port);
    const database_dsn = proxy.through(world.dsn(first));
    const capture = await world.capture(first, { database_dsn }).ready();
    await world.insert(first, 300);
    await second.caughtUp();
    await first.kill();
    await second.promote();
    proxy.leadTo(second.port);
    await world.insert(second, 200);
    await world.assertCaptured(second);
    assert.ok(capture.isRunning, capture.said);
    assert.match(capture.said, GOING_ON);
    await capture.ready();
    assert.equal((await world.topic.checkpoint()).source.serverId, await world.serverId(second));
  });

  test(`${server}: a database.yaml that names another server is taken when the one in use is gone`, async (t) => {
    const world = await FailoverWorld.create(t, server);
    if (world === null) return;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    const file = await DatabaseYaml.create(t, world.dsn(first));
    const capture = await world.capture(first, file.settings).ready();
    await world.insert(first, 300);
    await world.assertCaptured(first);
    await file.write(world.dsn(second));
    const refusals = 'scoreline_database_reload_failures_total';
    await until(async () => (await capture.metric(refusals)) > 0, { what: 'the refusal' });
    await world.insert(first, 50);
    await world.assertCaptured(first);
    await second.caughtUp();
    await first.kill();
    await second.promote();
    await world.insert(second, 100);
    await world.assertCaptured(second);
    assert.ok(capture.isRunning, capture.said);
    assert.match(capture.said, GOING_ON);
  });

  test(`${server}: a replica whose binlog begins later is gone on at, with its table`, async (t) => {
    const world = await FailoverWorld.create(t, server);
    if (world === null) return;
    const { topic } = world;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    await world.insert(first, 100);
    const killed = await world.capture(first).ready();
    await world.insert(first, 600);
    await topic.read(600);
    await killed.kill();
    await world.insert(first, 500);
    await second.caughtUp();
    await first.kill();
    await second.promote();
    await world.insert(second, 200);
    await second.purgeBinlogs();
    await world.insert(second, 50);
    const moved = await world.capture(second).ready();
    assert.match(moved.said, /failed over: beginning anew at another server/);
    await world.insert(second, 50);
    await world.assertCaptured(second);
    assert.equal(await moved.metric('scoreline_capture_reconcile_rows_total'), 750);
  });

  test(`${server}: a table that is being read is read on at the other server`, async (t) => {
    const world = await FailoverWorld.create(t, server, { initial: 'all' });
    if (world === null) return;
    const { topic } = world;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    await world.insertTransaction(first, 30);
    const killed = await world.capture(first, { reconcile_rate: '5000' }).ready();
    await world.insert(first, 200);
    await until(async () => (await topic.ends()) > 5_000, { what: 'a part of the table' });
    await killed.kill();
    const { reconcile } = await topic.checkpoint();
    assert.ok(reconcile !== null, 'the kill came while the table was read');
    await world.insert(first, 100);
    await second.caughtUp();
    await first.kill();
    await second.promote();
    await world.insert(second, 100);
    const moved = await world.capture(second).ready();
    assert.match(moved.said, GOING_ON);
    await world.assertCaptured(second);
    await until(async () => (await moved.status())['reconcile'] === null);
  });

  test(`${server}: a transaction that was published in part is made whole from the table`, async (t) => {
    const world = await FailoverWorld.create(t, server, {
      max_group_bytes: '200KB',
      max_queue_bytes: '1MB',
      max_transaction_bytes: '100KB',
    });
    if (world === null) return;
    const { topic } = world;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    await world.insert(first, 10);
    await (await world.capture(first).ready()).stop();
    await world.insertTransaction(first, 40);
    const killed = await world.capture(first).ready();
    await until(async () => (await topic.ends()) > 2_000, { what: 'a part of it', everyMs: 2 });
    await killed.kill();
    assert.ok(
      (await topic.checkpoint()).openGroup !== null,
      'the kill came within the transaction',
    );
    await second.caughtUp();
    await first.kill();
    await second.promote();
    await world.insert(second, 20);
    const moved = await world.capture(second).ready();
    assert.match(moved.said, /failed over: beginning anew at another server/);
    await world.insert(second, 20);
    await world.assertCaptured(second);
    assert.equal((await topic.checkpoint()).openGroup, null);
  });

  test(`${server}: a server with a history of its own is refused`, async (t) => {
    const world = await FailoverWorld.create(t, server);
    if (world === null) return;
    const { topic } = world;
    const first = await world.start();
    const stranger = await world.start();
    await world.insert(first, 10);
    // Higher numbers than the first server's, in all domains.
    await world.insert(stranger, 400);
    const capture = await world.capture(first).ready();
    await world.insert(first, 50);
    await world.assertCaptured(first);
    await capture.stop();
    const before = await topic.checkpoint();
    const refuses = async (code: string, says: RegExp): Promise<void> => {
      const refused = world.capture(stranger);
      assert.equal(await refused.exited(), 1, refused.said);
      assert.equal(refused.failure?.code, code, refused.said);
      assert.match(refused.failure?.message ?? '', says);
      assert.ok(refused.failure?.remedy);
    };
    const isMysql = server === 'mysql';
    await refuses(
      isMysql ? 'source-changed' : 'source-rewound',
      isMysql ? /another server answers/ : /rows that the table holds, 50 differ/,
    );
    await world.empty(stranger);
    await refuses('source-changed', isMysql ? /another server/ : /none of the newest 50 captured/);
    assert.deepEqual(await topic.checkpoint(), before);
    await world.insert(first, 5);
    await world.capture(first).ready();
    await world.assertCaptured(first);
  });

  test(`${server}: captured transactions that are lost with the primary stop it until its heir is named`, async (t) => {
    const world = await FailoverWorld.create(t, server);
    if (world === null) return;
    const { topic } = world;
    const first = await world.start();
    const second = await world.start({ replicaOf: first });
    await world.insert(first, 10);
    const killed = await world.capture(first).ready();
    await world.insert(first, 100);
    await topic.read(100);
    await second.caughtUp();
    await second.stopReceiving();
    // The rows of the captured table are all there; but who knows, says a set of GTIDs.
    const { gtidSet } = await topic.checkpoint();
    await first.run(`CREATE TABLE ${world.name}.other (id INT)`);
    await until(async () => (await topic.checkpoint()).gtidSet !== gtidSet, { everyMs: 1 });
    await killed.kill();
    await first.kill();
    await second.promote();
    await world.insert(second, 200);
    const before = await topic.ends();
    const refused = world.capture(second);
    assert.equal(await refused.exited(), 1, refused.said);
    const isMysql = server === 'mysql';
    assert.equal(refused.failure?.code, isMysql ? 'source-behind' : 'source-diverged');
    assert.match(refused.failure?.remedy ?? '', /accept_new_source/);
    assert.equal(await topic.ends(), before);
    const uuid = await world.serverUuid(second);
    const named = await world.capture(second, { accept_new_source: uuid }).ready();
    assert.match(named.said, /going on at another server/);
    await world.insert(second, 20);
    await world.assertCaptured(second);
  });
}
