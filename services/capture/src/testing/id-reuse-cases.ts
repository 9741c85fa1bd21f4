import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import type { CaptureProcess } from './capture-process.ts';
import { setup, type Setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

const KNOWN_TOTAL = 'scoreline_capture_rows_known_total';

/** Rows that are captured, and a copy of them from which they can come again. */
async function captured({ source, topic, start }: Setup, rows: number): Promise<CaptureProcess> {
  await source.createTable();
  const capture = await start().ready();
  await source.insert(rows);
  await topic.read(rows);
  await source.admin.query('CREATE TABLE copy LIKE log_scores');
  await source.admin.query('INSERT INTO copy SELECT * FROM log_scores');
  return capture;
}

async function again({ source }: Setup, where: string): Promise<void> {
  await source.admin.query(`DELETE FROM log_scores WHERE ${where}`);
  await source.admin.query(`INSERT INTO log_scores SELECT * FROM copy WHERE ${where}`);
}

async function reused(capture: CaptureProcess, says: RegExp): Promise<void> {
  assert.equal(await capture.exited(), 1, capture.said);
  assert.equal(capture.failure?.code, 'id-reuse', capture.said);
  assert.match(capture.failure.message, says);
}

async function equal({ act }: Setup): Promise<void> {
  const { lines, errors } = await act('verify-ledger');
  assert.equal(lines.at(-1), 'EQUAL', [...lines, errors].join('\n'));
}

/** What a row is told as, and what becomes of it, whose id is known already; on both servers. */
export function idReuseCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(on('a row that comes again is told with the one that the topic has'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    const same = await captured(made, 20);
    await again(made, 'id = 7');
    await reused(same, /"id":7,.*; the topic has the same \(.*log_scores-v1\[\d\] offset \d+\)$/);
    assert.match(same.failure?.remedy ?? '', /accept_known=7-7/);

    await source.admin.query('DELETE FROM copy WHERE id <> 7');
    await source.admin.query('UPDATE copy SET score = -1, server_id = 301');
    await again(made, 'id = 7');
    // The one that is the same stands before it in the binlog, and passes.
    await reused(
      start({ accept_known: '7-7' }),
      /"server_id":301,.*"score":-1,.*; the topic has \{"id":7,"server_id":7,.*"score":20,.* offset \d+\)$/,
    );
    await topic.assertHolds(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test(on('an id that one transaction gives twice is told with both'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic } = made;
    const capture = await captured(made, 5);
    const insert = (score: number): Promise<unknown> =>
      source.admin.query(
        `INSERT INTO log_scores (id, server_id, ts, score) VALUES (50, 1, '2025-11-21 12:00:00', ${score})`,
      );
    await source.admin.query('BEGIN');
    await insert(1);
    await source.admin.query('DELETE FROM log_scores WHERE id = 50');
    await insert(2);
    await source.admin.query('COMMIT');
    await reused(capture, /"score":2,.*; the same transaction has \{"id":50,.*"score":1,/);
    await topic.assertHolds([1, 2, 3, 4, 5]);
  });

  test(on('rows of accept_known that the topic has, byte for byte, are dropped'), async (t) => {
    const made = await setup(t, server, { accept_known: '1-6000000' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const first = await start().ready();
    await source.insert(1_500);
    // Another bucket, and part of the next, beyond what is read of the topic at a time.
    await source.admin.query('ALTER TABLE log_scores AUTO_INCREMENT = 4980000');
    await source.insert(1_500);
    const ids = await source.ids();
    await topic.assertHolds(ids);
    await source.admin.query('CREATE TABLE copy LIKE log_scores');
    await source.admin.query('INSERT INTO copy SELECT * FROM log_scores');
    await again(made, 'id > 0');
    await source.insert(10);
    await topic.assertHolds(await source.ids());
    await until(async () => (await first.metric(KNOWN_TOTAL)) === ids.length);
    const readings = first.lines.filter(({ msg }) => msg.includes('reading what the topic has'));
    assert.equal(readings.length, 2, 'one for each part of the range');
    // Rows that are younger than what was read of the topic.
    await source.admin.query('INSERT IGNORE INTO copy SELECT * FROM log_scores');
    await again(made, 'id > 4981000');
    const young = (await source.ids('WHERE id > 4981000')).length;
    await until(async () => (await first.metric(KNOWN_TOTAL)) === ids.length + young, {
      what: 'the younger rows',
    });
    await first.kill();
    await again(made, 'id BETWEEN 100 AND 4979999');
    await source.insert(10);
    const second = await start().ready();
    await topic.assertHolds(await source.ids());
    await until(async () => (await second.metric(KNOWN_TOTAL)) === 1_401);
    await equal(made);
  });

  test(on('other rows, and other ids, are as much of a doubt with accept_known'), async (t) => {
    const made = await setup(t, server, { accept_known: '5-10' });
    if (made === null) return;
    const { source, topic, start } = made;
    const outside = await captured(made, 20);
    await again(made, 'id IN (6, 11)');
    await reused(outside, /^id 11 .*; the topic has the same/);

    await source.admin.query('UPDATE copy SET attributes = NULL WHERE id = 9');
    await again(made, 'id BETWEEN 8 AND 9');
    await source.insert(2);
    const different = start({ accept_known: '5-11' });
    await reused(different, /^id 9 .*"leap":null.*; the topic has \{"id":9,.*"leap":0/);
    await topic.assertHolds(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test(on('what a row has in extra is compared as the rest of it'), async (t) => {
    const made = await setup(t, server, { accept_known: '1-10', unknown_columns: 'keep' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    await source.admin.query("ALTER TABLE log_scores ADD COLUMN mood varchar(9) DEFAULT 'good'");
    const capture = await start().ready();
    await source.insert(5);
    await topic.assertHolds([1, 2, 3, 4, 5]);
    await source.admin.query('CREATE TABLE copy LIKE log_scores');
    await source.admin.query('INSERT INTO copy SELECT * FROM log_scores');
    await again(made, 'id > 0');
    await until(async () => (await capture.metric(KNOWN_TOTAL)) === 5);
    await source.admin.query("UPDATE copy SET mood = 'bad' WHERE id = 2");
    await again(made, 'id = 2');
    await reused(capture, /^id 2 .*"mood":"bad".*; the topic has \{"id":2,.*"mood":"good"/);
  });

  test(on('a row that was kept out may come again while it would be kept out again'), async (t) => {
    const made = await setup(t, server, { accept_known: '1-100', exclude: 'monitor_id=/^3$/' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await source.insert(9);
    await topic.assertHolds([1, 2, 4, 5, 6, 7, 8, 9]);
    await source.admin.query('CREATE TABLE copy LIKE log_scores');
    await source.admin.query('INSERT INTO copy SELECT * FROM log_scores');
    await again(made, 'id > 0');
    await until(async () => (await capture.metric(KNOWN_TOTAL)) === 9);
    await capture.stop();
    await again(made, 'id = 3');
    await reused(start({ exclude: '' }), /^id 3 .*; the row that had it was kept out by exclude/);
  });
}
