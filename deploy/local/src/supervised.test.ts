import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { freePorts, isFree } from './ports.ts';
import { isAlive, startTime } from './processes.ts';
import { Supervised } from './supervised.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const listens = (port: number): string =>
  `require('node:net').createServer().listen(${port}, '127.0.0.1')`;

test('a server that dies is reported with the tail of its log', async (t) => {
  const server = new Supervised('thing', await folder(t));
  const [port = 0] = await freePorts(1);
  await assert.rejects(
    server.launch({
      command: process.execPath,
      args: ['-e', 'console.error("disk full: /data"); process.exit(3)'],
      port,
      ready: () => Promise.resolve(false),
    }),
    /thing ended before it was ready[^]*server\.log:[^]*disk full: \/data/,
  );
});

test('a server that never gets ready is ended and reported with the tail of its log', async (t) => {
  const server = new Supervised('thing', await folder(t));
  const launch = server.launch({
    // A shell has said it long before the time is up.
    command: '/bin/sh',
    args: ['-c', 'echo waiting for a friend; exec sleep 60'],
    port: 1,
    ready: () => Promise.resolve(false),
    timeoutMs: 1_000,
  });
  await assert.rejects(launch, /was not ready after 1 s[^]*waiting for a friend/);
  assert.equal(await server.pid(), null);
});

test('a program that is not there is told by its path', async (t) => {
  const server = new Supervised('thing', await folder(t));
  const launch = server.launch({
    command: '/nowhere/mariadbd',
    args: [],
    port: 1,
    ready: () => Promise.resolve(false),
  });
  await assert.rejects(launch, /thing: cannot run \/nowhere\/mariadbd/);
});

test('a port that answers is not enough: the process must hold it', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const server = new Supervised('thing', await folder(t));
  const launch = server.launch({
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    port,
    ready: () => Promise.resolve(true),
  });
  await assert.rejects(launch, new RegExp(`port ${port} held by another process`));
  assert.equal(await server.pid(), null);
});

test('a pid that was given to another program is left alone', async (t) => {
  const dir = await folder(t);
  const stranger = spawn('sleep', ['60']);
  t.after(() => stranger.kill('SIGKILL'));
  const pid = stranger.pid ?? 0;
  await writeFile(join(dir, 'pid'), `${pid} ${Number(startTime(pid)) - 1}`);
  const server = new Supervised('thing', dir);
  assert.equal(await server.pid(), null);
  await server.end('SIGKILL');
  assert.equal(isAlive(pid), true);
});

test('a server outlives who started it, and is found and ended through its folder', async (t) => {
  const dir = await folder(t);
  const [port = 0] = await freePorts(1);
  const pid = await new Supervised('thing', dir).launch({
    command: process.execPath,
    args: ['-e', listens(port)],
    port,
    ready: async () => !(await isFree(port)),
  });
  t.after(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  const later = new Supervised('thing', dir);
  assert.equal(await later.pid(), pid);
  await later.end('SIGTERM');
  assert.equal(isAlive(pid), false);
});
