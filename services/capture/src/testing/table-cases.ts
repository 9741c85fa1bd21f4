import assert from 'node:assert/strict';

import { until } from '@scoreline/testing';

import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';
import { casesOf, type Variant } from './variant.ts';

/** What the stream does not bring is read from the table. */
export function tableCases(server: SqlServerName, variant: Variant): void {
  const { on, test, testMain } = casesOf(server, variant);

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
    await source.insertUnlogged(3);
    await source.insert(10);
    await topic.assertHolds(await source.ids());
    await until(
      async () => (await capture.metric('scoreline_capture_audit_missing_rows_total')) === 3,
    );
    await capture.stop();
    await source.insertUnlogged(2);
    await start({ reconcile_ids: '65000-70000' }).ready();
    await topic.assertHolds(await source.ids());
  });

  test(on('ids that another service asks for are looked for while it runs'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start({ audit_interval: '0s' }).ready();
    await source.insert(5);
    await source.insertUnlogged(3);
    await source.insert(2);
    await topic.request({ from: 4, to: 9 });
    await until(async () => (await capture.metric('scoreline_capture_reconcile_rows_total')) === 3);
    await topic.assertHolds(await source.ids());
    assert.equal(await capture.metric('scoreline_capture_reconcile_requests_total'), 1);
    assert.equal((await topic.checkpoint()).reconcile, null);

    // One that came while nobody captured, and between two buckets of a reading that goes on behind it.
    assert.equal(await capture.stop(), 0, capture.said);
    await source.insertUnlogged(4);
    await source.admin.query('ALTER TABLE log_scores AUTO_INCREMENT = 200000');
    await source.insertUnlogged(3);
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
}
