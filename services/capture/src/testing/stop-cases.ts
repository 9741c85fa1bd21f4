import assert from 'node:assert/strict';

import type { Checkpoint } from '@scoreline/ledger';
import { until } from '@scoreline/testing';

import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';
import { FORBIDDEN, runAll } from './statements.ts';
import { casesOf, type Variant } from './variant.ts';

/** A server that nobody has heard of. */
const STRANGER = '77777777-7777-7777-7777-777777777777';

/** Doubts about source, table or topic: each stops capture, with what it has read published. */
export function stopCases(server: SqlServerName, variant: Variant): void {
  const { on, test, testOnce } = casesOf(server, variant);

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
