import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { until } from '@scoreline/testing';

import { cached, exists } from './cache.ts';

const quiet = (): void => {};
const fill = (folder: string): Promise<void> => writeFile(join(folder, 'whole'), 'yes');

async function root(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('an install that failed halfway leaves nothing, and the next one begins again', async (t) => {
  const folder = await root(t);
  const half = async (target: string): Promise<void> => {
    await writeFile(join(target, 'half'), '');
    throw new Error('the network went away');
  };
  await assert.rejects(cached('thing-1', quiet, half, folder), /network went away/);
  assert.deepEqual(await readdir(folder), []);
  const thing = await cached('thing-1', quiet, fill, folder);
  assert.equal(await readFile(join(thing, 'whole'), 'utf8'), 'yes');
});

test('an install that was killed with -9 is not taken for a whole one, and its lock and rest go', async (t) => {
  const folder = await root(t);
  const script = `
    const { cached } = await import(${JSON.stringify(new URL('cache.js', import.meta.url).href)});
    const { writeFile } = await import('node:fs/promises');
    setInterval(() => {}, 1000);
    await cached('thing-1', () => {}, async (target) => {
      await writeFile(target + '/half', '');
      await new Promise(() => {});
    }, ${JSON.stringify(folder)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'inherit',
  });
  t.after(() => child.kill('SIGKILL'));
  const partial = await until(async () => {
    const found = (await readdir(folder)).find((name) => name.includes('.partial-'));
    return found && (await exists(join(folder, found, 'half'))) ? found : undefined;
  });
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.deepEqual((await readdir(folder)).toSorted(), ['thing-1.lock', partial]);

  await cached('thing-1', quiet, fill, folder);
  assert.deepEqual(await readdir(folder), ['thing-1']);
  assert.deepEqual(await readdir(join(folder, 'thing-1')), ['whole']);
});

test('of two who want the same at once one installs and the other waits', async (t) => {
  const folder = await root(t);
  let fills = 0;
  const slow = async (target: string): Promise<void> => {
    fills += 1;
    await fill(target);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const both = await Promise.all([1, 2].map(() => cached('thing-1', quiet, slow, folder)));
  assert.equal(fills, 1);
  assert.equal(both[0], both[1]);
});
