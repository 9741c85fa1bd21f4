import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { pipeline, sampleRow } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { TestTable } from './testing/table.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = 6_000;
const KILLS = 2;

test('processes are killed with ranges pending, and every row lands once as it was', async (t) => {
  const brokers = needServer(t, 'kafka');
  const url = needServer(t, 'questdb');
  if (!brokers || !url) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const table = new TestTable(t, url);
  const env = {
    ...p.env,
    questdb_url: url,
    questdb_table: table.name,
    questdb_batch_rows: '200',
    session_timeout: '6s',
  };
  const pending = async () =>
    [...(await p.commits('questdb')).values()]
      .filter(({ metadata }) => /"pending":\["/.test(metadata))
      .map(({ metadata }) => metadata)
      .join('\n');

  let before = '';
  for (let kill = 0; kill < KILLS; kill++) {
    await p.produceIds(kill * ROWS + 1, (kill + 1) * ROWS + 1);
    const dying = started(t, env);
    // Of this process: what the one killed before has left pending is not meant.
    const now = async () => ((await pending()) === before ? '' : pending());
    await until(now, { what: `a range pending before kill ${kill}`, everyMs: 1 });
    await ended(dying, 'SIGKILL');
    before = await pending();
  }
  const last = started(t, env);
  await until(async () => (await p.lag('questdb')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
  assert.equal(await ended(last, 'SIGTERM'), 0);
  const rows = (await table.rows()).sort((a, b) => a.id - b.id);
  assert.deepEqual(
    rows,
    Array.from({ length: KILLS * ROWS }, (_, i) => sampleRow(i + 1)),
  );
});

function started(t: TestContext, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], http_host: '127.0.0.1', http_port: '0', ...env },
    stdio: 'ignore',
  });
  t.after(() => ended(child, 'SIGKILL'));
  return child;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  return child.exitCode;
}
