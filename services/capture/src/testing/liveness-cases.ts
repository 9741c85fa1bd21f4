import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fileNumber } from '@scoreline/ledger';
import { until } from '@scoreline/testing';
import type { RowDataPacket } from 'mysql2/promise';

import { setup, type Setup } from './setup.ts';
import type { SourceDatabase, SqlServerName } from './source-database.ts';
import { otherStatements, runAll } from './statements.ts';

const QUICK = { fence_interval: '200ms', fence_timeout: '10s' };
/** No server that tests run on holds files so old, so that nothing is purged. */
const DAYS_20 = 20 * 24 * 3600;

/** That the source is heard, kept up with and not about to forget: the same on both servers. */
export function livenessCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(on('whatever is written, the stream comes by where the source says it ends'), async (t) => {
    const made = await setup(t, server, QUICK);
    if (made === null) return;
    const { source, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await runAll(await source.connect(t), otherStatements(server));
    await source.insert(3);
    const end = await sourceEnd(source, server);
    await until(async () => {
      const { sourceEnd: asked, read } = await capture.status();
      return asked === read && isAtLeast(String(read), end);
    });
    await until(
      async () => (await capture.metric('scoreline_capture_fence_overdue_seconds')) === 0,
    );
    assert.equal(await capture.metric('scoreline_capture_session_failures_total'), 0);
    assert.equal(await capture.metric('scoreline_capture_source_poll_failures_total'), 0);
    const { runwaySeconds } = await capture.status();
    const kept = await retention(source);
    assert.equal(runwaySeconds, kept === 0 ? 'unlimited' : kept);
    const { body } = await capture.get('/metrics');
    const [, shown] = /^scoreline_capture_binlog_runway_seconds (.+)$/m.exec(body) ?? [];
    if (kept === 0) assert.equal(shown, '+Inf');
    else assert.ok(kept - Number(shown) >= 0 && kept - Number(shown) < 60, shown);
  });

  test(on('the checkpoint of an idle source follows it into the next file'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    const before = fileNumber((await topic.checkpoint()).position.file);
    await source.admin.query('FLUSH NO_WRITE_TO_BINLOG BINARY LOGS');
    await until(async () => fileNumber((await topic.checkpoint()).position.file) > before);
    assert.equal(await capture.metric('scoreline_capture_rows_published_total'), 0);
    await capture.kill();
    await start().ready();
    await source.insert(20);
    await topic.assertHolds(await source.ids());
  });

  test(on('rows that wait to go out are as late as they have waited'), async (t) => {
    const made = await setup(t, server, { linger: '60s' });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const capture = await start().ready();
    await until(async () => (await capture.metric('scoreline_capture_lag_seconds')) < 2);
    const writtenAt = Date.now();
    await source.insert(10);
    const lag = await until(async () => {
      const seconds = await capture.metric('scoreline_capture_lag_seconds');
      return seconds > 3 ? seconds : null;
    });
    // The server's time is in whole seconds, so up to one more.
    assert.ok(lag <= (Date.now() - writtenAt) / 1000 + 1, String(lag));
    await capture.stop();
    await start({ linger: '0ms' }).ready();
    await topic.assertHolds(await source.ids());
  });

  test(on('a source that forgets its binlogs too soon is refused, or warned of'), async (t) => {
    const made = await setup(t, server, { ...QUICK, checkpoint_interval: '60s' });
    if (made === null) return;
    const { source } = made;
    await source.createTable();
    const before = await retention(source);
    try {
      await keepFor(source, DAYS_20);
      await refusedAndWarned(made);
    } finally {
      await keepFor(source, before);
    }
  });
}

async function sourceEnd(source: SourceDatabase, server: SqlServerName): Promise<string> {
  const [[row]] = await source.admin.query<RowDataPacket[]>(
    server === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
  );
  return `${String(row?.['File'])}:${Number(row?.['Position'])}`;
}

function isAtLeast(position: string, least: string): boolean {
  const [file = '', offset] = position.split(':');
  const [leastFile = '', leastOffset] = least.split(':');
  const files = fileNumber(file) - fileNumber(leastFile);
  return files > 0 || (files === 0 && Number(offset) >= Number(leastOffset));
}

async function retention(source: SourceDatabase): Promise<number> {
  const [[row]] = await source.admin.query<RowDataPacket[]>(
    'SELECT @@GLOBAL.binlog_expire_logs_seconds AS kept',
  );
  return Number(row?.['kept']);
}

async function keepFor(source: SourceDatabase, seconds: number): Promise<void> {
  await source.admin.query(`SET GLOBAL binlog_expire_logs_seconds = ${seconds}`);
}

async function refusedAndWarned({ source, topic, start }: Setup): Promise<void> {
  const refused = start({ min_binlog_runway: `${DAYS_20 + 1}s` });
  assert.equal(await refused.exited(), 2, refused.said);
  assert.equal(refused.failure?.code, 'source-preflight');
  assert.match(
    refused.failure?.message ?? '',
    /binlog_expire_logs_seconds is 1728000, and min_binlog_runway asks for 1728001/,
  );
  assert.match(
    refused.failure?.remedy ?? '',
    /^SET (?:PERSIST|GLOBAL) binlog_expire_logs_seconds = 1728001/,
  );

  const first = await start({ checkpoint_interval: '300ms' }).ready();
  await source.insert(10);
  await topic.read(10);
  await first.stop();
  await source.admin.query('FLUSH BINARY LOGS');
  // The file of the checkpoint can be purged in a little less than the time that files are kept.
  const warned = await start({ min_binlog_runway: `${DAYS_20}s` }).ready();
  await until(() => warned.lines.some(({ msg }) => msg.includes('min_binlog_runway')));
  const runway = await warned.metric('scoreline_capture_binlog_runway_seconds');
  assert.ok(runway < DAYS_20 && runway > DAYS_20 - 600, String(runway));
  assert.ok(warned.isRunning, 'stopping would only take more of the time that is left');
}
