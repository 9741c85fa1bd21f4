import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { currentPosition } from '@scoreline/database';
import { until } from '@scoreline/testing';
import type { Connection } from 'mysql2/promise';

import { rowsInBinlog } from './binlog-rows.ts';
import type { CaptureProcess } from './capture-process.ts';
import { readAll, readerSetup } from './reader-setup.ts';
import { insertAny, LAYOUTS } from './reader-tables.ts';
import { setup } from './setup.ts';
import type { SourceDatabase, SqlServerName } from './source-database.ts';
import { otherStatements, runAll } from './statements.ts';

const ALL = { from: 1, to: Number.MAX_SAFE_INTEGER };

/** MariaDB's is the server's, MySQL's the session's. */
const SWITCH = {
  mariadb: 'GLOBAL log_bin_compress',
  mysql: 'SESSION binlog_transaction_compression',
} as const;

const TYPE = { mariadb: 'WRITE_ROWS_COMPRESSED_V1', mysql: 'TRANSACTION_PAYLOAD' } as const;

/** Compressed and plain transactions are the same to capture: on both servers. */
export function compressedCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;
  const compress = async (connection: Connection, value: boolean): Promise<void> => {
    await connection.query(`SET ${SWITCH[server]} = ${value ? 'ON' : 'OFF'}`);
  };
  const compressed = async (t: TestContext, source: SourceDatabase): Promise<Connection> => {
    if (server === 'mariadb') {
      await source.setGlobal('log_bin_compress', 'ON', 'OFF');
      await source.setGlobal('log_bin_compress_min_len', '10', '256');
    }
    const session = await source.connect(t);
    await compress(session, true);
    return session;
  };

  for (const { what, sql, utcOffsetMinutes, only = server } of LAYOUTS) {
    if (only !== server) continue;
    test(on(`what SELECT gives is what capture reads compressed: ${what}`), async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { own, admin, identity, source, open } = made;
      await admin.query(`CREATE TABLE log_scores ${sql}`);
      const from = await currentPosition(admin, identity.flavour);
      const session = await compressed(t, own);
      const rows = await insertAny(t, session);
      const unknownColumns = 'omit' as const;
      const options = { source, identity, from, rows, utcOffsetMinutes, unknownColumns };
      const inBinlog = await rowsInBinlog(options);
      const reader = await open(undefined, utcOffsetMinutes);
      const selected = await readAll(reader, ALL);
      assert.deepStrictEqual(inBinlog, selected.rows);
      assert.equal(inBinlog.length, rows);
    });
  }

  test(on('compressed and plain in turns, killed with -9 again and again'), async (t) => {
    const made = await setup(t, server, {
      initial: 'all',
      max_transaction_rows: '500',
      linger: '0ms',
    });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const writer = await compressed(t, source);
    const stop = new AbortController();
    const written = (async () => {
      for (let turn = 0; !stop.signal.aborted; turn++) {
        await compress(writer, turn % 3 !== 0);
        await writer.query('BEGIN');
        await source.insert([1, 700, 40, 1_500][turn % 4]!, writer);
        if (turn % 5 === 0) {
          await writer.query('SAVEPOINT a');
          await source.insert(20, writer);
          await writer.query('ROLLBACK TO a');
        }
        await writer.query(turn % 7 === 0 ? 'ROLLBACK' : 'COMMIT');
        await delay(200);
      }
    })();
    for (let kill = 0; kill < 4; kill++) {
      const capture = await start().ready();
      const before = await capture.metric('scoreline_capture_rows_read_total');
      // So much further each time that kills come at different places.
      await until(
        async () =>
          (await capture.metric('scoreline_capture_rows_read_total')) > before + 1 + 300 * kill,
        { everyMs: 5 },
      );
      await capture.kill();
    }
    stop.abort();
    await written;
    const last = await start().ready();
    await source.insert(1);
    await topic.assertHolds(await source.ids());
    assert.ok(last.isRunning);
  });

  test(on('a large compressed transaction goes out in parts, once, through a kill'), async (t) => {
    const made = await setup(t, server, {
      initial: 'all',
      max_group_bytes: '200KB',
      max_queue_bytes: '1MB',
      max_transaction_bytes: '100KB',
    });
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    // What was there before would come from the table.
    const first = await start().ready();
    await first.stop();
    const writer = await compressed(t, source);
    await source.insert(10, writer);
    await writer.query('BEGIN');
    for (let part = 0; part < 40; part++) await source.insert(1_000, writer);
    await writer.query('COMMIT');
    await source.insert(5, writer);
    const killed = await start().ready();
    const published = async (): Promise<number> => {
      const ends = await topic.admin.fetchTopicOffsets(topic.topic);
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    };
    await until(async () => (await published()) > 2_000, { what: 'a part of it', everyMs: 2 });
    await killed.kill();
    assert.ok((await published()) < 40_000, 'the kill came within the transaction');
    const { openGroup } = await topic.checkpoint();
    assert.ok(openGroup !== null && openGroup.rows > 0);
    const last = await start().ready();
    await topic.assertHolds(await source.ids());
    assert.equal((await topic.checkpoint()).openGroup, null);
    await hasRead(last, TYPE[server], 1);
  });

  test(on('whatever else the server does compressed passes'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const writer = await compressed(t, source);
    const session = await compressed(t, source);
    const capture = await start().ready();
    const huge = [
      'CREATE TABLE huge (a longblob, b longblob)',
      // An event above what is held of a compressed one, 64 MiB.
      "INSERT INTO huge VALUES (REPEAT('x', 36000000), REPEAT('y', 36000000))",
      'DELETE FROM huge',
    ];
    for (const sql of [...otherStatements(server), ...(server === 'mysql' ? huge : [])]) {
      await source.insert(2, writer);
      await runAll(session, [sql]);
    }
    await source.insert(2, writer);
    await topic.assertHolds(await source.ids());
    assert.ok(capture.isRunning);
    assert.equal(await capture.metric('scoreline_capture_session_failures_total'), 0);
    await hasRead(capture, TYPE[server], 50);
  });

  test(on('an UPDATE stops it, compressed or not'), async (t) => {
    const made = await setup(t, server);
    if (made === null) return;
    const { source, topic, start } = made;
    await source.createTable();
    const writer = await compressed(t, source);
    const capture = await start().ready();
    await source.insert(3, writer);
    await writer.query('UPDATE log_scores SET score = 1');
    assert.equal(await capture.exited(), 1, capture.said);
    assert.equal(capture.failure?.code, 'row-updated');
    await topic.assertHolds([1, 2, 3]);
  });
}

/** Waits until a capture says that it has read so many events of a type, which it does now and then. */
async function hasRead(capture: CaptureProcess, type: string, count: number): Promise<void> {
  await until(async () => (await eventsRead(capture, type)) >= count, {
    what: `${count} events of type ${type}`,
  });
}

async function eventsRead(capture: CaptureProcess, type: string): Promise<number> {
  const { body } = await capture.get('/metrics');
  const name = `scoreline_capture_binlog_events_total{type="${type}"} `;
  const line = body.split('\n').find((one) => one.startsWith(name));
  return Number(line?.slice(name.length) ?? 0);
}
