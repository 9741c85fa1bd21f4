import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { setup, type Setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';
import { throughKills } from './through-kills.ts';

/** The same in the words of capture and of SQL. */
const EXCLUDE = 'monitor_id=/^(3|7)$/, error=/^i\\/o/, attributes=/"stratum":16\\b/';
const MATCH = `monitor_id IN (3, 7) OR COALESCE(attributes LIKE '%"error":"i/o%', 0)
  OR COALESCE(attributes LIKE '%"stratum":16}', 0)`;

const EXCLUDED_TOTAL = 'scoreline_capture_rows_excluded_total';

/** Row by row: what the topic has, and what the ledger says of the rest. */
async function assertSplit({ source, topic }: Setup): Promise<void> {
  const wanted = await source.ids(`WHERE NOT COALESCE(${MATCH}, 0)`);
  const kept = await source.ids(`WHERE ${MATCH}`);
  assert.ok(wanted.length > 0 && kept.length > 0);
  await topic.assertHolds(wanted);
  await until(async () => (await topic.ids()).excluded.length >= kept.length, {
    what: 'the excluded ids in the ledger',
  });
  assert.deepEqual(await topic.ids(), { captured: wanted, excluded: kept });
}

async function equal({ act }: Setup, excluded: number): Promise<void> {
  const { code, lines, errors } = await act('verify-ledger');
  assert.equal(lines.at(-1), 'EQUAL', [...lines, errors].join('\n'));
  assert.equal(code, 0);
  assert.match(lines[0] ?? '', new RegExp(` and ${excluded} excluded ones `));
}

async function insertOthers({ source }: Setup): Promise<void> {
  await source.admin.query(
    `INSERT INTO log_scores (monitor_id, server_id, ts, attributes) VALUES
      (NULL, 1, '2025-11-21 12:00:00', '{"leap":0,"error":"i/o timeout"}'),
      (4, 2, '2025-11-21 12:00:00', '{"error":"no i/o"}'),
      (5, 3, '2025-11-21 12:00:00', '{"leap":0,"stratum":16}'),
      (5, 4, '2025-11-21 12:00:00', '{"leap":0,"stratum":161}'),
      (NULL, 5, '2025-11-21 12:00:00', NULL)`,
  );
}

/** What the policy `exclude` promises, on both servers. */
export function excludeCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(on('rows that match are kept out, whether the stream or the table has them'), async (t) => {
    const made = await setup(t, server, { initial: 'all', exclude: EXCLUDE });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    await source.insert(6_000);
    await insertOthers(made);
    const capture = await start().ready();
    await source.insert(90);
    await insertOthers(made);
    await assertSplit(made);
    const excluded = (await source.ids(`WHERE ${MATCH}`)).length;
    await until(async () => (await capture.metric(EXCLUDED_TOTAL)) === excluded);
    await until(async () => (await topic.checkpoint()).reconcile === null);
    const { body } = await capture.get('/metrics');
    assert.match(body, /rows_excluded_total\{column="error"\} 2/);
    assert.match(body, /rows_excluded_total\{column="attributes"\} 2/);
    const published = await source.ids(`WHERE NOT COALESCE(${MATCH}, 0)`);
    assert.equal(await capture.metric('scoreline_capture_rows_published_total'), published.length);
    await equal(made, excluded);

    // A group of which nothing is left is passed all the same.
    const before = await topic.checkpoint();
    await source.admin.query(
      "INSERT INTO log_scores (monitor_id, server_id, ts) VALUES (7, 1, '2025-11-21 12:00:00')",
    );
    await until(async () => (await capture.metric(EXCLUDED_TOTAL)) === excluded + 1);
    const after = await topic.checkpoint();
    assert.notDeepEqual(after.position, before.position);
    assert.deepEqual(after.topicEnds, before.topicEnds);
    await assertSplit(made);
    await capture.stop();

    // Neither a start without the rules nor a second reading brings back what was kept out.
    const without = await start({ exclude: '', reconcile_ids: '1-100000' }).ready();
    await until(async () => without.said.includes('reconciled:'), { what: 'a second reading' });
    await assertSplit(made);
    await source.admin.query(
      "INSERT INTO log_scores (monitor_id, server_id, ts) VALUES (7, 1, '2025-11-21 12:00:00')",
    );
    const all = await source.ids();
    await topic.assertHolds([...published, all.at(-1)!]);
  });

  test(on('killed again and again, it knows of every row whether it was kept out'), async (t) => {
    const made = await setup(t, server, {
      initial: 'all',
      exclude: EXCLUDE,
      max_transaction_rows: '200',
      max_group_bytes: '20KB',
      linger: '0ms',
    });
    if (made === null) return;
    const { source } = made;
    await source.createTable();
    await throughKills(t, made, { inserts: [1, 7, 900, 3], kills: 4 });
    await assertSplit(made);
  });

  test(on('the id of a row that was kept out is taken'), async (t) => {
    const made = await setup(t, server, { exclude: EXCLUDE });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await source.insert(9);
    await until(async () => (await capture.metric(EXCLUDED_TOTAL)) === 2);
    await source.admin.query('DELETE FROM log_scores WHERE id = 7');
    await source.admin.query(
      "INSERT INTO log_scores (id, server_id, ts) VALUES (7, 12, '2026-11-21 12:00:00')",
    );
    assert.equal(await capture.exited(), 1, capture.said);
    assert.equal(capture.failure?.code, 'id-reuse');
    await topic.assertHolds([1, 2, 4, 5, 6, 8, 9]);
  });

  test(
    on('what was kept out is neither missing to a lost position nor to a new ledger'),
    async (t) => {
      const made = await setup(t, server, { initial: 'all', exclude: EXCLUDE });
      if (made === null) return;
      const { source, topic, start, act } = made;
      await source.createTable();
      const first = await start().ready();
      await source.insert(90);
      await topic.read(70);
      await first.stop();
      const good = await topic.checkpoint();
      const file = good.position.file.replace(/\d+$/, '000000');
      await topic.plant({ ...good, position: { file, offset: 500 }, event: null, gtidSet: '' });
      const second = await start().ready();
      await until(async () => second.said.includes('the same in the table'));
      assert.doesNotMatch(second.said, /the topic has lost rows/);
      await source.insert(18);
      await assertSplit(made);
      await second.stop();
      await equal(made, 24);

      await topic.admin.deleteTopics({ topics: [topic.ledger] });
      const { code, lines, errors } = await act('rebuild-ledger');
      assert.equal(code, 0, [...lines, errors].join('\n'));
      assert.deepEqual((await topic.ids()).excluded, [], 'the topic knows nothing of them');
      await equal(made, 0);
      const third = await start().ready();
      await until(async () => (await topic.checkpoint()).reconcile === null);
      await assertSplit(made);
      await third.stop();
      await equal(made, 24);
    },
  );

  test(on('a rule that could not keep anything out is refused at the start'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, start } = made;
    await source.createTable();
    await source.admin.query('ALTER TABLE log_scores DROP COLUMN rtt');
    const unknown = start({ exclude: 'monitor_id=/3/, mood=/3/' });
    assert.equal(await unknown.exited(), 2);
    assert.match(unknown.said, /exclude: at character 17, there is no column "mood"/);
    const lacking = start({ exclude: 'rtt=/^-/' });
    assert.equal(await lacking.exited(), 2);
    assert.match(lacking.said, /exclude: .*\.log_scores has no column rtt/);
  });
}
