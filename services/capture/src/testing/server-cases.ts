import assert from 'node:assert/strict';

import { comparePositions } from '@scoreline/ledger';
import { until } from '@scoreline/testing';

import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';
import { otherStatements, runAll } from './statements.ts';
import { stopCases } from './stop-cases.ts';
import { tableCases } from './table-cases.ts';
import { throughKills } from './through-kills.ts';
import { casesOf, type Variant } from './variant.ts';

/** The same promises on both servers, with GTIDs and without. */
export function captureCases(server: SqlServerName, variant: Variant = {}): void {
  streamCases(server, variant);
  stopCases(server, variant);
  tableCases(server, variant);
}

/** What the stream brings is captured once, whoever is killed. */
function streamCases(server: SqlServerName, variant: Variant): void {
  const { gtids = true } = variant;
  const { on, test, testMain, testOnce } = casesOf(server, variant);

  testMain(on('what commits from now on is captured, and rolled-back rows are not'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    const { admin } = source;
    await source.createTable();
    await source.insert(5);
    const before = await source.ids();
    await start().ready();

    // MySQL refuses this with GTIDs on, and leaves rows that were rolled back out of the binlog.
    const mayKeep = server === 'mariadb' || !gtids;
    const keep = async (): Promise<void> => {
      if (mayKeep) await admin.query('INSERT INTO other VALUES (1)');
    };
    await admin.query('CREATE TABLE other (a int) ENGINE=MyISAM');
    await source.insert(3);
    await admin.query('BEGIN');
    await source.insert(2);
    if (mayKeep) await admin.query('CREATE TEMPORARY TABLE scratch (a int)');
    await keep();
    await admin.query('ROLLBACK');
    await admin.query('BEGIN');
    await source.insert(2);
    await admin.query('SAVEPOINT a');
    await source.insert(4);
    await keep();
    await admin.query('ROLLBACK TO A');
    await source.insert(1);
    await admin.query('COMMIT');
    await admin.query('DELETE FROM log_scores WHERE id = 1');
    const committed = (await source.ids()).filter((id) => !before.includes(id));
    const records = await topic.assertHolds(committed);
    const now = Date.now();
    assert.ok(records.every(({ timestamp }) => Math.abs(now - timestamp) < 60_000));

    const { startFloor, topicEnds, gtidSet } = await topic.checkpoint();
    assert.equal(startFloor.id, 6, 'the first id after those that were declined');
    assert.equal(topicEnds[topic.topic]?.length, 6);
    const gtid = server === 'mariadb' ? /^\d+-\d+-\d+/ : gtids ? /^[\da-f-]{36}:\d+/ : /^$/;
    assert.match(gtidSet, gtid);
  });

  testMain(
    on('a restart repeats nothing and misses nothing, and all means from the first row'),
    async (t) => {
      const made = await setup(t, server, { initial: 'all' });
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      await source.insert(2_500);
      const first = await start().ready();
      await topic.read(2_500);
      assert.equal(await first.stop(), 0, first.said);
      await source.insert(700);
      const second = await start().ready();
      await topic.assertHolds(await source.ids());
      const { position, event } = await topic.checkpoint();
      assert.equal(event?.end, position.offset);
      assert.equal(await second.metric('scoreline_capture_rows_published_total'), 700);
    },
  );

  test(
    on('killed behind its first checkpoint, it has lost none of the rows that it had read'),
    async (t) => {
      const made = await setup(t, server);
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      const writer = await source.connect(t);
      const stop = new AbortController();
      // Without a pause: rows come in the very packets that hold the event before the first position.
      const written = (async () => {
        while (!stop.signal.aborted) await source.insert(1, writer);
      })();
      const killed = await start({ linger: '60s', checkpoint_interval: '60s' }).ready();
      await until(async () => (await killed.metric('scoreline_capture_rows_read_total')) > 0);
      await killed.kill();
      stop.abort();
      await written;
      const { startFloor, topicEnds } = await topic.checkpoint();
      assert.equal(topicEnds[topic.topic], undefined, 'no row was published');
      await start().ready();
      const wanted = await source.ids(`WHERE id >= ${startFloor.id}`);
      const ids = (await topic.read(wanted.length)).map(({ id }) => id).toSorted((x, y) => x - y);
      // A row may commit between the position and the floor: from the first one on nothing is missing.
      assert.ok(ids[0]! <= startFloor.id, `${ids[0]} is above ${startFloor.id}`);
      assert.deepEqual(ids, await source.ids(`WHERE id >= ${ids[0]}`));
    },
  );

  test(on('killed with -9 again and again, it neither repeats nor misses a row'), async (t) => {
    const made = await setup(t, server, {
      initial: 'all',
      max_transaction_rows: '500',
      linger: '0ms',
    });
    if (made === null) return;
    const { source, topic } = made;
    await source.createTable();
    await throughKills(t, made, { inserts: [1, 1, 700, 1, 40], kills: 6 });
    await topic.assertHolds(await source.ids());
  });

  test(
    on('a transaction above max_group_bytes goes out in parts, once, through a kill'),
    async (t) => {
      const made = await setup(t, server, {
        initial: 'all',
        max_group_bytes: '200KB',
        max_queue_bytes: '1MB',
        max_transaction_bytes: '100KB',
      });
      if (made === null) return;
      const { source, topic, start } = made;
      const { admin } = source;
      await source.createTable();
      // What was there before would come from the table.
      const first = await start().ready();
      await first.stop();
      await source.insert(10);
      await admin.query('BEGIN');
      for (let part = 0; part < 40; part++) await source.insert(1_000);
      await admin.query('COMMIT');
      await source.insert(5);
      const killed = await start().ready();
      const parts = await until(
        async () => {
          const ends = await topic.admin.fetchTopicOffsets(topic.topic);
          const records = ends.reduce((sum, { high }) => sum + Number(high), 0);
          return records > 2_000 ? records : 0;
        },
        { what: 'a part of it', everyMs: 2 },
      );
      await killed.kill();
      assert.ok(parts < 40_000, 'the kill came within the transaction');
      await start().ready();
      await topic.assertHolds(await source.ids());
      assert.equal((await topic.checkpoint()).openGroup, null);
    },
  );

  testOnce(on('a second capture stands by, and takes over when the first one dies'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const first = await start().ready();
    const second = start();
    await until(async () => (await second.get('/readyz')).body.includes('standby'), {
      what: 'the second to stand by',
    });
    await source.insert(50);
    await topic.read(50);
    await first.kill();
    await source.insert(70);
    await second.ready();
    await topic.assertHolds(await source.ids());
  });

  testOnce(
    on('a capture that was only stopped for a while writes nothing when it wakes'),
    async (t) => {
      const made = await setup(t, server);
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      const zombie = await start().ready();
      const heir = start();
      await until(async () => (await heir.get('/readyz')).body.includes('standby'));
      zombie.signal('SIGSTOP');
      // What is sent to it while it sleeps, it will find when it wakes.
      await source.insert(300);
      const holder = await source.holderOf(`${topic.prefix}scoreline-capture-log_scores`);
      await source.admin.query(`KILL ${holder}`);
      await heir.ready();
      await source.insert(300);
      await topic.read(600);
      zombie.signal('SIGCONT');
      await source.insert(300);
      await topic.assertHolds(await source.ids());
      assert.equal((await heir.get('/readyz')).status, 200);
    },
  );

  test(on('it connects again when the server ends its connections'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    for (let round = 0; round < 3; round++) {
      await source.insert(100);
      const dump = `COMMAND LIKE 'Binlog Dump%' AND DB = '${source.name}'`;
      await until(() => source.killSessions(dump), { what: 'a session to kill' });
      await source.insert(100);
    }
    await topic.assertHolds(await source.ids());
    assert.ok(capture.isRunning);
    assert.ok((await capture.metric('scoreline_capture_session_failures_total')) >= 3);
  });

  testMain(on('whatever else the server does passes'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    const session = await source.connect(t);
    for (const sql of otherStatements(server)) {
      await source.insert(2);
      await runAll(session, [sql]);
    }
    await source.insert(2);
    await topic.assertHolds(await source.ids());
    assert.ok(capture.isRunning);
    assert.equal(await capture.metric('scoreline_capture_session_failures_total'), 0);
  });

  test(on('what a purge deletes is counted, whatever its size, and passed by'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start({ max_group_bytes: '50KB', max_queue_bytes: '1MB' }).ready();
    await source.insert(6_000);
    await topic.read(6_000);
    // One transaction, of more bytes than a group of rows may have, and one that takes some of it back.
    await source.admin.query('DELETE FROM log_scores WHERE id <= 5000');
    await source.admin.query('BEGIN');
    await source.admin.query('DELETE FROM log_scores WHERE id = 5001');
    await source.admin.query('SAVEPOINT a');
    await source.admin.query('DELETE FROM log_scores WHERE id BETWEEN 5002 AND 5100');
    await source.admin.query('ROLLBACK TO a');
    await source.admin.query('COMMIT');
    const end = await source.position();
    // Nothing but deletions moves the checkpoint.
    await until(async () => comparePositions((await topic.checkpoint()).position, end) >= 0, {
      what: 'the checkpoint behind the deletions',
    });
    const deletes = await capture.metric('scoreline_capture_deletes_total');
    assert.ok(deletes > 10, `${deletes} events: a server cuts rows into events of 8 KB`);
    await source.insert(3);
    await topic.assertHolds([...Array(6_003).keys()].map((at) => at + 1));
    assert.equal(await capture.metric('scoreline_capture_updates_total'), 0);
    assert.equal(await capture.metric('scoreline_capture_sessions_total'), 1);
  });
}
