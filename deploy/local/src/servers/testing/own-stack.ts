import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { needServer } from '@scoreline/testing';

import { descendants, isAlive } from '../../processes.ts';
import { Stack } from '../../stack.ts';
import type { ServerBase } from '../server-base.ts';

/** Servers of a test's own, which it may kill, gone with it. Null where tests with these are not wanted. */
export async function ownStack(
  t: TestContext,
  ...only: ('gcs' | 's3' | 'bigquery')[]
): Promise<Stack | null> {
  if (only.some((name) => needServer(t, name) === '')) return null;
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
  const stack = new Stack({ dir, only, say: () => {} });
  t.after(async () => {
    await stack.destroy();
    await rm(dir, { recursive: true, force: true });
  });
  await stack.up();
  return stack;
}

/** `kill -9`, and up again where it was. */
export async function killAndStart(server: ServerBase): Promise<void> {
  const before = server.endpoints();
  await server.kill();
  assert.equal(await server.ready(), false);
  await server.start();
  assert.deepEqual(server.endpoints(), before);
}

/** Stops a server, and looks that nothing of it is left. */
export async function stopWhole(server: ServerBase): Promise<void> {
  const { pid } = server;
  assert.ok(pid !== null);
  const all = [pid, ...descendants(pid)];
  await server.stop();
  assert.deepEqual(all.filter(isAlive), []);
}
