import assert from 'node:assert/strict';
import { test } from 'node:test';

import { currentPosition } from '@scoreline/database';
import { comparePositions } from '@scoreline/ledger';

import { readAll, readerSetup, refusedWith } from './reader-setup.ts';
import type { SqlServerName } from './source-database.ts';

const ALL = { from: 1, to: Number.MAX_SAFE_INTEGER };

/** What a reader says of the table as a whole, and of the moment. */
export function readerStateCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(
    on('only what is committed is read, as it is at that moment, and nothing is locked'),
    async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { own, admin, connect, open } = made;
      await own.createTable();
      await own.insert(3);
      const session = await connect();
      await session.query('SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
      await session.query('SET SESSION autocommit = 0');
      await session.query('SELECT COUNT(*) FROM log_scores');
      const writer = await own.connect(t);
      try {
        const reader = await open(session);
        await writer.query('BEGIN');
        await own.insert(2, writer);
        const { rows } = await readAll(reader, ALL);
        assert.deepEqual(
          rows.map(({ id }) => id),
          [1, 2, 3],
        );
        assert.deepEqual([...(await reader.ids(1, 10))], [1, 2, 3]);
        assert.deepEqual(await reader.bounds(), { min: 1, max: 3 });
        await writer.query('COMMIT');
        assert.deepEqual([...(await reader.ids(1, 10))], [1, 2, 3, 4, 5]);
        await admin.query('SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1');
        await admin.query('DELETE FROM log_scores WHERE id < 3');
        await admin.query('ALTER TABLE log_scores COMMENT = "not held"');
        assert.deepEqual(await reader.bounds(), { min: 3, max: 5 });
      } finally {
        // Or a transaction that was left open would hold up the end of the test.
        session.destroy();
        writer.destroy();
      }
    },
  );

  test(on('the position is behind every row that was read'), async (t) => {
    const made = await readerSetup(t, server);
    if (made === null) return;
    const { own, admin, identity, open } = made;
    await own.createTable();
    const reader = await open();
    const empty = await reader.position();
    await own.insert(1);
    const one = await reader.position();
    assert.ok(comparePositions(empty, one) < 0);
    assert.ok(comparePositions(one, await currentPosition(admin, identity.flavour)) <= 0);
  });

  test(on('an empty table has no bounds, and ids at the end of the range are exact'), async (t) => {
    const made = await readerSetup(t, server);
    if (made === null) return;
    const { own, admin, open } = made;
    await own.createTable();
    const reader = await open();
    const insert = (id: string) =>
      admin.query(`INSERT INTO log_scores (id, server_id, ts) VALUES (${id}, 1, '2026-01-01')`);
    assert.equal(await reader.bounds(), null);
    assert.equal((await reader.ids(1, 10)).length, 0);
    assert.equal(await reader.firstIdSince(0), null);
    const top = Number.MAX_SAFE_INTEGER;
    await insert(String(top - 1));
    await insert(String(top));
    assert.deepEqual(await reader.bounds(), { min: top - 1, max: top });
    assert.deepEqual([...(await reader.ids(top, top))], [top]);
    assert.deepEqual(
      (await readAll(reader, Float64Array.of(top - 1))).rows.map(({ id }) => id),
      [top - 1],
    );
    await insert('9007199254740992');
    await assert.rejects(
      reader.bounds(),
      refusedWith('row-unreadable', /row 9007199254740992, column id: it is above/),
    );
    await admin.query("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    await insert('0');
    await assert.rejects(
      reader.bounds(),
      refusedWith('row-unreadable', /row 0, column id: it is below 1/),
    );
  });

  test(on('the first id since a time is at or below that of every such row'), async (t) => {
    const made = await readerSetup(t, server);
    if (made === null) return;
    const { own, admin, open } = made;
    await own.createTable();
    await admin.query('ALTER TABLE log_scores MODIFY ts datetime(3) NOT NULL, ADD KEY (ts)');
    await admin.query(`INSERT INTO log_scores (id, server_id, ts) VALUES
      (1, 1, '2026-01-01 10:00:00'), (2, 1, '2026-01-01 10:00:02'), (3, 1, '2026-01-01 10:00:01.500'),
      (4, 1, '2026-01-01 10:00:01'), (5, 1, '2026-01-01 10:00:02'), (6, 1, '2026-01-01 09:00:00')`);
    const utc = await open();
    const since = (text: string, micros = 0) => Date.parse(`2026-01-01T${text}Z`) * 1_000 + micros;
    assert.equal(await utc.firstIdSince(since('10:00:00')), 1);
    assert.equal(await utc.firstIdSince(since('10:00:00', 1)), 2);
    assert.equal(await utc.firstIdSince(since('10:00:01.500')), 2);
    assert.equal(await utc.firstIdSince(since('10:00:02')), 2);
    assert.equal(await utc.firstIdSince(since('10:00:02', 1)), null);
    const ahead = await open(undefined, 120);
    assert.equal(await ahead.firstIdSince(since('08:00:02')), 2);
    assert.equal(await ahead.firstIdSince(since('08:00:03')), null);
    await admin.query("SET SESSION time_zone = '+00:00'");
    await admin.query('ALTER TABLE log_scores MODIFY ts timestamp NOT NULL');
    const timestamp = await open(undefined, 120);
    assert.equal(await timestamp.firstIdSince(since('10:00:02')), 2);
    assert.equal(await timestamp.firstIdSince(since('10:00:03')), null);
  });
}
