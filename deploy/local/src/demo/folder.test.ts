import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { isAlive, startTime } from '../processes.ts';
import { Stack } from '../stack.ts';
import { claim, release } from './folder.ts';

async function emptyStack(t: TestContext): Promise<Stack> {
  const dir = await mkdtemp(join(tmpdir(), 'demo-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return new Stack({ dir, only: ['kafka'], say: () => {} });
}

/** A process that a folder's pid file names, as a server or a service of an earlier demo would be. */
async function runIn(t: TestContext, folder: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn('sleep', ['60']);
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.pid);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pid'), `${child.pid} ${startTime(child.pid)}`);
  return child as ChildProcess & { pid: number };
}

test('what a killed demo left running is ended, and its data is gone', async (t) => {
  const stack = await emptyStack(t);
  await mkdir(join(stack.dir, 'demo'));
  await writeFile(join(stack.dir, 'demo/pid'), '999999999 1');
  const server = await runIn(t, join(stack.dir, 'kafka'));
  const service = await runIn(t, join(stack.dir, 'demo/capture'));
  await writeFile(join(stack.dir, 'kafka/data'), 'old');
  await claim(stack, () => {});
  assert.equal(isAlive(server.pid), false);
  assert.equal(isAlive(service.pid), false);
  assert.equal(existsSync(join(stack.dir, 'kafka')), false);
});

test('a process that was given the pid of an old one is left alone', async (t) => {
  const stack = await emptyStack(t);
  const folder = join(stack.dir, 'demo/capture');
  const stranger = await runIn(t, folder);
  await writeFile(join(folder, 'pid'), `${stranger.pid} 1`);
  await claim(stack, () => {});
  assert.equal(isAlive(stranger.pid), true);
});

test('a stack that no demo started is not touched', async (t) => {
  const stack = await emptyStack(t);
  const server = await runIn(t, join(stack.dir, 'kafka'));
  await assert.rejects(
    claim(stack, () => {}),
    /a stack runs in .* \(kafka\): end it with npm run stack/,
  );
  assert.equal(isAlive(server.pid), true);
});

test('a demo that runs is not touched; one that has ended leaves the folder to the next', async (t) => {
  const stack = await emptyStack(t);
  await claim(stack, () => {});
  await assert.rejects(
    claim(stack, () => {}),
    new RegExp(`a demo runs .* \\(pid ${process.pid}\\)`),
  );
  await release(stack);
  await claim(stack, () => {});
});
