import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { needServer, until } from '@scoreline/testing';
import { createConnection } from 'mysql2/promise';

import { parseEnv } from './stack-env.ts';
import { Stack } from './stack.ts';

/** The form of ADMIN_DSN. */
async function ask(dsn: string, sql: string): Promise<unknown> {
  const port = Number(/:(\d+)\)/.exec(dsn)?.[1]);
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

test('a stack of its own beside another: kill -9 keeps data and port, a death is told, down ends all', async (t) => {
  const other = needServer(t, 'mariadb-admin');
  if (other === '') return;
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
  const stack = new Stack({ dir, only: ['mariadb'], say: () => {} });
  t.after(async () => {
    await stack.destroy();
    await rm(dir, { recursive: true, force: true });
  });

  await stack.up();
  const dsn = parseEnv(await readFile(join(dir, 'stack.env'), 'utf8'))['ADMIN_DSN'] ?? '';
  assert.notEqual(dsn, other);
  await ask(dsn, 'CREATE TABLE ntp.kept (id INT PRIMARY KEY)');
  await ask(dsn, 'INSERT INTO ntp.kept VALUES (7)');

  await stack.mariadb.kill();
  assert.equal(await stack.mariadb.ready(), false);
  assert.deepEqual(await stack.failures(), [], 'a kill that was asked for is no failure');
  await stack.mariadb.start();
  assert.equal(stack.env()['ADMIN_DSN'], dsn);
  assert.deepEqual(await ask(dsn, 'SELECT id FROM ntp.kept'), [{ id: 7 }]);

  process.kill(stack.mariadb.pid ?? 0, 'SIGKILL');
  const [failure = ''] = await until(async () => {
    const failures = await stack.failures();
    return failures.length > 0 ? failures : null;
  });
  assert.match(failure, /^mariadb \(pid \d+\) ended by itself[^]*ready for connections/);

  await stack.up();
  await new Stack({ dir, only: [], say: () => {} }).down();
  assert.equal(await stack.mariadb.ready(), false);
  await assert.rejects(readFile(join(dir, 'stack.env')), { code: 'ENOENT' });
  assert.ok(await ask(other, 'SELECT 1'), 'the other stack does not notice');
});
