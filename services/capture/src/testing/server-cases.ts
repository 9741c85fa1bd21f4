import assert from 'node:assert/strict';
import { test as nodeTest, type TestContext } from 'node:test';

import { type Checkpoint, comparePositions } from '@scoreline/ledger';
import { until } from '@scoreline/testing';

import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';
import { FORBIDDEN, otherStatements, runAll } from './statements.ts';
import { throughKills } from './through-kills.ts';

type Case = (t: TestContext) => Promise<void>;
/** A server that nobody has heard of. */
const STRANGER = '77777777-7777-7777-7777-777777777777';

export interface Variant {
  /** False for MySQL with gtid_mode=OFF. */
  readonly gtids?: boolean;
  /** An older release of the server, of which only the main promises are asked. */
  readonly release?: string;
}

/** The same promises on both servers, with GTIDs and without. */
export function captureCases(
  server: SqlServerName,
  { gtids = true, release = '' }: Variant = {},
): void {
  const on = (name: string): string =>
    `${server}${release && ` ${release}`}${gtids ? '' : ' without GTIDs'}: ${name}`;
  const testMain = (name: string, run: Case): void => {
    nodeTest(name, run);
  };
  const test = (name: string, run: Case): void => {
    if (release === '') nodeTest(name, run);
  };
  /** What has nothing to do with what a binlog looks like. */
  const testOnce = (name: string, run: Case): void => {
    if (gtids) test(name, run);
  };

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

  test(on('doubts about the source stop it, each with its code and what to do'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const healthy = await start().ready();
    await source.insert(10);
    await topic.read(10);
    await healthy.stop();
    const good = await topic.checkpoint();
    const event = good.event!;
    const file = (number: string): string => good.position.file.replace(/\d+$/, number);
    const doubts: Record<string, readonly [string, Partial<Checkpoint>]> = {
      'other bytes': ['source-rewound', { event: { ...event, crc32: event.crc32 ^ 1 } }],
      'no event there': ['source-rewound', { event: { ...event, start: event.start - 7 } }],
      'behind the end of the file': [
        'source-rewound',
        {
          position: { ...good.position, offset: good.position.offset + 500_000_000 },
          event: { ...event, start: event.start + 500_000_000, end: event.end + 500_000_000 },
        },
      ],
      'a file to come': [
        'source-rewound',
        {
          position: { file: file('099999'), offset: 500 },
          event: { ...event, file: file('099999') },
        },
      ],
      'another server': [
        'source-changed',
        {
          source: { ...good.source, serverUuid: 'elsewhere' },
          gtidSet: good.gtidSet && (server === 'mariadb' ? '77-77-7' : `${STRANGER}:1-7`),
        },
      ],
    };
    for (const [what, [code, change]] of Object.entries(doubts)) {
      await topic.plant({ ...good, ...change });
      const stopped = start();
      assert.equal(await stopped.exited(), 1, `${what}: ${stopped.said}`);
      assert.equal(stopped.failure?.code, code, `${what}: ${stopped.said}`);
      assert.ok(stopped.failure?.remedy, what);
    }
    await topic.plant(good);
    await source.insert(10);
    await start().ready();
    await topic.assertHolds(await source.ids());
  });

  testOnce(on('a topic that was made anew, and one whose ledger was, stop it'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await source.insert(100);
    await topic.read(100);
    await capture.stop();
    await topic.admin.deleteTopics({ topics: [topic.topic] });
    await topic.admin.createTopics({ topics: [{ topic: topic.topic, numPartitions: 6 }] });
    const truncated = start();
    assert.equal(await truncated.exited(), 1, truncated.said);
    assert.equal(truncated.failure?.code, 'topic-truncated');

    const other = await setup(t, server);
    if (other === null) return;
    await other.source.createTable();
    const once = await other.start().ready();
    await other.source.insert(100);
    await other.topic.read(100);
    await once.stop();
    await other.topic.admin.deleteTopics({ topics: [other.topic.ledger] });
    const forgotten = other.start();
    assert.equal(await forgotten.exited(), 1, forgotten.said);
    assert.equal(forgotten.failure?.code, 'ledger-missing');
  });

  test(on('a changed table stops it, and every row before is out'), async (t) => {
    const made = await setup(t, server, { linger: '2s' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await source.insert(40);
    const before = await source.ids();
    await source.admin.query('ALTER TABLE log_scores ADD COLUMN mood int');
    await source.admin.query(
      "INSERT INTO log_scores (server_id, ts) VALUES (1, '2025-11-21 12:00:00')",
    );
    assert.equal(await capture.exited(), 1, capture.said);
    assert.equal(capture.failure?.code, 'table-changed');
    assert.match(capture.failure?.message ?? '', /column mood/);
    await topic.assertHolds(before);
  });

  test(on('an UPDATE stops it, unless it is only to be counted'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const strict = await start().ready();
    await source.insert(3);
    await source.admin.query('UPDATE log_scores SET score = 1');
    assert.equal(await strict.exited(), 1, strict.said);
    assert.equal(strict.failure?.code, 'row-updated');
    const counting = await start({ on_update: 'count' }).ready();
    await source.insert(3);
    await topic.assertHolds(await source.ids());
    await until(async () => (await counting.metric('scoreline_capture_updates_total')) === 1);
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

  for (const { code, sql, only, published = 0 } of FORBIDDEN) {
    if (only !== undefined && only !== server) continue;
    test(on(`what it cannot follow stops it: ${code}`), async (t) => {
      const made = await setup(t, server);
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      const capture = await start().ready();
      await source.insert(3);
      await runAll(await source.connect(t), sql);
      assert.equal(await capture.exited(), 1, capture.said);
      assert.equal(capture.failure?.code, code, capture.said);
      assert.match(capture.failure?.message ?? '', /binlog\.\d+:\d+/);
      await topic.assertHolds(Array.from({ length: 3 + published }, (_, i) => i + 1));
    });
  }

  testMain(on('rows that no binlog has are read from the table, beside the stream'), async (t) => {
    const made = await setup(t, server, { initial: 'all' });
    if (made === null) return;
    const { source, topic, start } = made;
    const late = await source.connect(t);
    await source.admin.query('SET SESSION sql_log_bin = 0');
    await source.createTable();
    await source.insert(7_000);
    await source.admin.query('DELETE FROM log_scores WHERE id BETWEEN 100 AND 200');
    await source.admin.query('SET SESSION sql_log_bin = 1');
    // Ids 7001 and 7002 commit after those that follow.
    await late.query('BEGIN');
    await source.insert(2, late);
    await source.insert(2);
    const capture = await start().ready();
    await source.insert(70);
    await late.query('COMMIT');
    const records = await topic.assertHolds(await source.ids());
    const own = records.find(({ id }) => id === 1)!;
    assert.equal(own.timestamp, Date.UTC(2025, 10, 21, 12), 'a row that was found carries its ts');
    const status = await until(async () => {
      const { reconcile } = await topic.checkpoint();
      return reconcile === null ? await capture.status() : null;
    });
    assert.equal(status['reconcile'], null);
    assert.equal(await capture.metric('scoreline_capture_reconcile_rows_total'), 6_901);
    await source.insert(5);
    await capture.stop();
    const again = await start().ready();
    await topic.assertHolds(await source.ids());
    assert.equal(await again.metric('scoreline_capture_reconcile_rows_total'), 0);
  });

  test(on('initial=since begins with the first id of that time'), async (t) => {
    const made = await setup(t, server, { initial: 'since:2025-11-20' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    await source.insert(10);
    await source.admin.query("UPDATE log_scores SET ts = '2025-11-19 23:59:59' WHERE id < 6");
    const capture = await start().ready();
    await source.insert(3);
    await topic.assertHolds(await source.ids('WHERE id >= 6'));
    assert.equal((await topic.checkpoint()).startFloor.id, 6);
    assert.ok(capture.isRunning);
  });

  testMain(on('a purged binlog is made up for from the table'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    await source.insert(4);
    const first = await start().ready();
    await source.insert(300);
    await topic.read(300);
    await first.stop();
    await source.insert(200);
    const good = await topic.checkpoint();
    const gone = { ...good.position, file: good.position.file.replace(/\d+$/, '000000') };
    await topic.plant({ ...good, position: gone, event: { ...good.event!, file: gone.file } });
    const second = await start().ready();
    assert.match(second.said, /purged past the checkpoint/);
    await source.insert(50);
    await topic.assertHolds(await source.ids('WHERE id > 4'));
    await until(async () => (await topic.checkpoint()).reconcile === null);
    assert.equal(await second.metric('scoreline_capture_reconcile_rows_total'), 200);
  });

  test(on('a stop while the table is read is orderly, and the next start goes on'), async (t) => {
    const made = await setup(t, server, { initial: 'all', reconcile_rate: '1000' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    await source.insert(12_000);
    const first = await start().ready();
    await until(async () => (await topic.ends()) > 0, { what: 'a part of the table' });
    assert.equal(await first.stop(), 0, first.said);
    assert.ok((await topic.checkpoint()).reconcile, 'it was under way');
    await start({ reconcile_rate: '0' }).ready();
    await topic.assertHolds(await source.ids());
  });

  test(on('an audit and a request find rows that the stream did not bring'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start({ audit_interval: '200ms' }).ready();
    await source.insert(5);
    await source.admin.query('ALTER TABLE log_scores AUTO_INCREMENT = 65530');
    await source.admin.query('SET SESSION sql_log_bin = 0');
    await source.insert(3);
    await source.admin.query('SET SESSION sql_log_bin = 1');
    await source.insert(10);
    await topic.assertHolds(await source.ids());
    await until(
      async () => (await capture.metric('scoreline_capture_audit_missing_rows_total')) === 3,
    );
    await capture.stop();
    await source.admin.query('SET SESSION sql_log_bin = 0');
    await source.insert(2);
    await source.admin.query('SET SESSION sql_log_bin = 1');
    await start({ reconcile_ids: '65000-70000' }).ready();
    await topic.assertHolds(await source.ids());
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

  test(on('ids that another service asks for are looked for while it runs'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    const unlogged = async (rows: number): Promise<void> => {
      await source.admin.query('SET SESSION sql_log_bin = 0');
      await source.insert(rows);
      await source.admin.query('SET SESSION sql_log_bin = 1');
    };
    await source.createTable();
    const capture = await start({ audit_interval: '0s' }).ready();
    await source.insert(5);
    await unlogged(3);
    await source.insert(2);
    await topic.request({ from: 4, to: 9 });
    await until(async () => (await capture.metric('scoreline_capture_reconcile_rows_total')) === 3);
    await topic.assertHolds(await source.ids());
    assert.equal(await capture.metric('scoreline_capture_reconcile_requests_total'), 1);
    assert.equal((await topic.checkpoint()).reconcile, null);

    // One that came while nobody captured, and between two buckets of a reading that goes on behind it.
    assert.equal(await capture.stop(), 0, capture.said);
    await unlogged(4);
    await source.admin.query('ALTER TABLE log_scores AUTO_INCREMENT = 200000');
    await unlogged(3);
    const good = await topic.checkpoint();
    const reading = { reason: 'initial', from: 150_000, to: 300_000, next: 150_000 } as const;
    const progress = { ...reading, p0: good.position, published: 0, startedAtMs: Date.now() };
    await topic.plant({ ...good, reconcile: progress });
    await topic.request({ from: 1, to: 100 });
    const again = await start({ audit_interval: '0s' }).ready();
    await until(async () => (await topic.checkpoint()).reconcile === null);
    await topic.assertHolds(await source.ids());
    assert.equal(await again.metric('scoreline_capture_reconcile_rows_total'), 7);
    await source.insert(1);
    await topic.assertHolds(await source.ids());
  });

  test(on('a row whose id was captured before stops it'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await source.insert(20);
    await topic.read(20);
    await source.admin.query('DELETE FROM log_scores WHERE id = 7');
    await source.admin.query(
      "INSERT INTO log_scores (id, server_id, ts) VALUES (7, 12, '2026-11-21 12:00:00')",
    );
    assert.equal(await capture.exited(), 1, capture.said);
    assert.equal(capture.failure?.code, 'id-reuse');
    assert.match(capture.failure?.message ?? '', /id 7 .*"server_id":12/);
    await topic.assertHolds(Array.from({ length: 20 }, (_, i) => i + 1));
  });
}
