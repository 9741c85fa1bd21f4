import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';

import { openPool } from './pool.ts';
import { trySource } from './source-trial.ts';
import type { Source } from './source.ts';
import { holderOf, YamlFolder } from './testing/holder.ts';
import { ownDatabase, ownUser, sourceFrom } from './testing/servers.ts';

const yamlOf = ({ host, port, user, password, database }: Source): string =>
  JSON.stringify({
    mysql: { dsn: `tcp(${host}:${port})/${database}`, user, pass: password },
  });

test('a rotated password is taken once the server knows it, and the pool goes on with it', async (t) => {
  const own = await ownDatabase(t, 'mariadb');
  if (!own) return;
  const user = await ownUser(own, [`SELECT ON ${own.source.database}.*`]);
  const next = { ...user, password: 'rotated-pass' };
  const folder = new YamlFolder(t);
  folder.swap(yamlOf(user));
  const { holder, lines } = holderOf(folder);
  const pool = openPool(holder);
  own.cleanUp(() => pool.end());
  await pool.query('SELECT 1');

  folder.swap(yamlOf(next));
  await holder.look();
  assert.equal(holder.current.password, user.password);
  assert.match(lines[0]!, /the server refuses user .* with the given password/);
  await pool.query('SELECT 1');

  await own.admin.query(`ALTER USER ${user.user}@'%' IDENTIFIED BY 'rotated-pass'`);
  await holder.look();
  assert.equal(holder.current.password, 'rotated-pass');
  assert.equal(pool.counts().open, 0, 'the idle connection of the old password is gone');
  await pool.query('SELECT 1');
  assert.ok(!lines.join('').includes('rotated-pass'));
});

test('a check sees the connection, and may refuse it', async (t) => {
  const own = await ownDatabase(t, 'mariadb');
  if (!own) return;
  const user = await ownUser(own, [`SELECT ON ${own.source.database}.*`]);
  const folder = new YamlFolder(t);
  folder.write(yamlOf(own.source));
  const { holder, lines } = holderOf(folder);
  holder.addCheck(async (connection, source) => {
    assert.equal(source.user, user.user);
    await connection.query('SELECT * FROM mysql.user');
  });
  folder.write(yamlOf(user));
  await holder.look();
  assert.equal(holder.current.user, own.source.user);
  assert.match(lines[0]!, /SELECT command denied/);
  await own.admin.query(`GRANT SELECT ON mysql.* TO ${user.user}@'%'`);
  await holder.look();
  assert.equal(holder.current.user, user.user);
});

test('an address where nothing answers is given up after a while, in the greeting and in a check', async (t) => {
  const own = await ownDatabase(t, 'mariadb');
  if (!own) return;
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  own.cleanUp(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const signal = new AbortController().signal;
  const source = sourceFrom(`u:p@tcp(127.0.0.1:${port})/ntp`);
  const unanswered = { code: 'source-unreachable', message: /did not answer within 200 ms/ };
  await assert.rejects(trySource(source, [], signal, 200), unanswered);
  await assert.rejects(
    trySource(
      own.source,
      [
        async (connection) => {
          await connection.query('SELECT SLEEP(5)');
        },
      ],
      signal,
      200,
    ),
    unanswered,
  );
});
