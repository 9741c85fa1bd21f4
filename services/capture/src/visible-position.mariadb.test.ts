import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { comparePositions } from '@scoreline/ledger';
import { Databases, holdCommit, semiSync } from '@scoreline/local';
import { createLog } from '@scoreline/service';
import { needServer } from '@scoreline/testing';

import { visiblePosition } from './visible-position.ts';

const servers = new Databases();
after(() => servers.destroy());

test('a position is behind no transaction that cannot be seen yet', async (t) => {
  if (needServer(t, 'mariadb') === '') return;
  const { primary, replica } = await servers.pair({ flavour: 'mariadb' });
  await semiSync(primary, replica);
  await primary.run('CREATE TABLE seen (a int)');
  const connection = await primary.connect();
  t.after(() => connection.end());
  const held = await holdCommit(primary, replica, 'INSERT INTO seen VALUES (1)');
  const inBinlog = await primary.position();
  const position = await visiblePosition(connection, 'mariadb', {
    signal: t.signal,
    log: createLog('test', { log_level: 'fatal' }),
  });
  assert.deepEqual(await primary.run('SELECT a FROM seen'), []);
  assert.ok(comparePositions(position, inBinlog) < 0, 'the held row is before it');
  await held.release();
});
