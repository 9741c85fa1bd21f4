import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { until } from '@scoreline/testing';

import { isAlive } from '../processes.ts';
import { ActionProcess } from './action-process.ts';

async function action(t: TestContext, source: string): Promise<ActionProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'action-'));
  const program = join(dir, 'program.mjs');
  await writeFile(program, source);
  const one = new ActionProcess({ name: 'sample', dir, program, env: { WORD: 'yes' } });
  t.after(async () => {
    await one.stop(0);
    await rm(dir, { recursive: true, force: true });
  });
  return one;
}

test('an action answers with the lines that it printed, and not with its log', async (t) => {
  const one = await action(
    t,
    `console.error('a warning'); console.log(process.argv.slice(2).join(), process.env.WORD, '\\n2');`,
  );
  assert.deepEqual(await one.run('--why', 'a b'), ['--why,a b yes ', '2']);
  assert.deepEqual(await one.run('--again'), ['--again yes ', '2']);
});

test('an action that fails is told in its own words, and what it logged in words', async (t) => {
  const one = await action(
    t,
    `console.log('waiting: 5 rows');
    console.error(JSON.stringify({ time: 'noon', level: 'warn', msg: 'brokers are slow' }));
    process.exitCode = 1;`,
  );
  const said =
    /^sample --once ended with code 1:\n(?=.*^waiting: 5 rows$)(?=.*^noon warn brokers are slow$)/ms;
  await assert.rejects(one.run('--once'), { message: said });
});

test('an action ends when the demo does, its pid is known until then, and no other one begins', async (t) => {
  const one = await action(
    t,
    `import { writeFileSync } from 'node:fs';
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
    writeFileSync('deaf', '');`,
  );
  const ended = assert.rejects(one.run('--once'), /sample --once ended with SIGKILL/);
  const pidFile = join(one.folder, 'pid');
  const pid = await until(async () => {
    if (!existsSync(join(one.folder, 'deaf'))) return null;
    return Number((await readFile(pidFile, 'utf8').catch(() => '')).split(' ')[0]);
  });
  assert.ok(pid !== null && isAlive(pid));
  await one.stop(100);
  await ended;
  assert.equal(isAlive(pid), false);
  assert.equal(existsSync(pidFile), false);
  await assert.rejects(one.run('--once'), /was not begun/);
});
