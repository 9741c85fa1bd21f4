import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { needServer } from '@scoreline/testing';

import { isAlive } from '../processes.ts';
import { Databases } from './databases.ts';
import { removeLeftoverDatabases } from './leftovers.ts';

test('servers of a test file that was killed end with the next one, and those of a running one do not', async (t) => {
  if (needServer(t, 'mariadb') === '') return;
  const servers = new Databases();
  t.after(() => servers.destroy());
  const kept = await servers.start({ flavour: 'mariadb' });
  const program = `
    const { Databases } = await import(${JSON.stringify(new URL('databases.js', import.meta.url).href)});
    const { pid, dir } = await new Databases().start({ flavour: 'mariadb' });
    console.log(JSON.stringify({ pid, dir }));
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const left = JSON.parse(line) as { pid: number; dir: string };
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
  assert.ok(isAlive(left.pid), 'nobody ends it');

  await removeLeftoverDatabases();
  assert.ok(!isAlive(left.pid));
  await assert.rejects(stat(dirname(left.dir)), { code: 'ENOENT' });
  assert.deepEqual((await kept.run('SELECT 1 AS one'))[0]?.['one'], 1);
});
