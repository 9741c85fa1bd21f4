import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';
import type { RowDataPacket } from 'mysql2/promise';

import { Pool } from './pool.ts';
import { one, ownDatabase, ownUser } from './testing/servers.ts';

test('a pool of real connections: limits, age, a killed connection, and no abort that the server counts', async (t) => {
  const own = await ownDatabase(t, 'mariadb');
  if (!own) return;
  const user = await ownUser(own, [`SELECT ON ${own.source.database}.*`]);
  const pool = new Pool(user, { maxOpen: 3, maxIdle: 2, lifetimeMs: 500 });
  const connected = async () => {
    const [rows] = await own.admin.query<RowDataPacket[]>(
      'SELECT id FROM information_schema.PROCESSLIST WHERE USER = ?',
      [user.user],
    );
    return rows.map((row) => String(row['id']));
  };
  const ids = await Promise.all(
    Array.from({ length: 9 }, async () => {
      const [row] = await pool.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id, SLEEP(0.02)');
      return String(row?.['id']);
    }),
  );
  assert.equal(new Set(ids).size, 3);
  await until(async () => (await connected()).length === 2, {
    what: 'the third, idle connection to end',
  });
  await until(async () => (await connected()).length === 0, {
    what: 'old connections to end by themselves',
  });

  const [before] = await pool.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
  await own.admin.query(`KILL ${String(before?.['id'])}`);
  await until(() => pool.counts().open === 0, { what: 'the killed connection to leave the pool' });
  const [after] = await pool.query<RowDataPacket[]>(
    'SELECT CONNECTION_ID() AS id, @@session.time_zone AS zone',
  );
  assert.notEqual(after?.['id'], before?.['id']);
  assert.equal(after?.['zone'], '+00:00');
  await pool.end();
  await until(async () => (await connected()).length === 0, { what: 'the pool to be gone' });
});

test('retired connections say goodbye: the server counts none as aborted', async (t) => {
  const own = await ownDatabase(t, 'mariadb');
  if (!own) return;
  const user = await ownUser(own, [`SELECT ON ${own.source.database}.*`]);
  const lost = `SELECT LOST_CONNECTIONS AS lost, TOTAL_CONNECTIONS AS total FROM information_schema.USER_STATISTICS WHERE USER = '${user.user}'`;
  await own.admin.query('SET GLOBAL userstat = 1');
  own.cleanUp(() => own.admin.query('SET GLOBAL userstat = 0'));
  const pool = new Pool(user, { maxOpen: 4, maxIdle: 1, lifetimeMs: 0 });
  for (let i = 0; i < 5; i++)
    await Promise.all(Array.from({ length: 4 }, () => pool.query('SELECT 1')));
  await pool.end();
  await until(async () => Number((await one(own.admin, lost))['total']) >= 20, {
    what: 'the statistics',
  });
  assert.equal(Number((await one(own.admin, lost))['lost']), 0);
});
