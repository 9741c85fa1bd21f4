import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { needServer } from '@scoreline/testing';

import type { Database } from './database.ts';
import { Databases } from './databases.ts';
import { holdCommit, semiSync } from './semi-sync.ts';

const servers = new Databases();
after(() => servers.destroy());

test('a held commit is in the binlog and nowhere else, and a consistent snapshot is in front of it', async (t) => {
  if (needServer(t, 'mariadb') === '') return;
  const { primary, replica } = await servers.pair({ flavour: 'mariadb' });
  await primary.run('CREATE TABLE t (id INT PRIMARY KEY)', 'INSERT INTO t VALUES (1)');
  await semiSync(primary, replica);
  await primary.run('INSERT INTO t VALUES (2)');
  const before = await primary.position();

  const held = await holdCommit(primary, replica, 'INSERT INTO t VALUES (3)');
  const during = await primary.position();
  assert.equal(during.file, before.file);
  assert.ok(during.offset > before.offset, 'SHOW MASTER STATUS counts it');
  assert.deepEqual(await ids(primary), [1, 2], 'SELECT does not see it');
  const snapshot = await primary.run(
    'START TRANSACTION WITH CONSISTENT SNAPSHOT',
    "SHOW STATUS LIKE 'binlog_snapshot_%'",
  );
  const values = new Map(snapshot.map((row) => [String(row['Variable_name']), row['Value']]));
  assert.equal(values.get('Binlog_snapshot_file'), before.file);
  assert.equal(Number(values.get('Binlog_snapshot_position')), before.offset);

  await held.release();
  assert.deepEqual(await ids(primary), [1, 2, 3]);
  assert.deepEqual(await primary.position(), during);
  await replica.caughtUp();
  assert.deepEqual(await ids(replica), [1, 2, 3]);
});

test('a commit that nothing holds back is told as such', async (t) => {
  if (needServer(t, 'mariadb') === '') return;
  const { primary, replica } = await servers.pair({ flavour: 'mariadb' });
  await assert.rejects(
    holdCommit(primary, replica, 'CREATE TABLE t (id INT PRIMARY KEY)'),
    /did not wait for the replica/,
  );
});

async function ids(database: Database): Promise<number[]> {
  return (await database.run('SELECT id FROM t ORDER BY id')).map((row) => Number(row['id']));
}
