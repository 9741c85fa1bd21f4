import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { GO } from './prerequisites.ts';
import type { ServerName } from './server.ts';
import { OPTIONAL, Stack } from './stack.ts';

/** A machine on which nothing is installed, and nothing was downloaded yet. */
async function bareMachine(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'scoreline-'));
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  Object.assign(process.env, { PATH: home, HOME: home, XDG_CACHE_HOME: join(home, 'cache') });
  t.after(async () => {
    Object.assign(process.env, { PATH, HOME });
    if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
    await rm(home, { recursive: true });
  });
  return home;
}

const MISSING: readonly [server: ServerName, problem: RegExp][] = [
  ['bigquery', /^No Python >= 3\.13 with venv .* install one/],
  ['gcs', /^go is not to be found, .* built from source: install Go >= 1\.22/],
  ['s3', /^go is not to be found, .* built from source: install Go >= 1\.22/],
];

for (const [name, problem] of MISSING) {
  test(`without what ${name} needs it is left out where that may be, and else an error`, async (t) => {
    const home = await bareMachine(t);
    const said: string[] = [];
    const say = (line: string): unknown => said.push(line);
    const dir = join(home, 'stack');

    await new Stack({ dir, only: [name], optional: OPTIONAL, say }).up();
    assert.equal(said.length, 1);
    assert.ok(said[0]!.startsWith(`${name} is left out: `), said[0]);
    assert.match(said[0]!.slice(`${name} is left out: `.length), problem);
    await assert.rejects(new Stack({ dir, only: [name], say }).up(), { message: problem });
    assert.deepEqual(await readdir(dir), []);
  });
}

test('what is in the cache is there without the tool that built it', async (t) => {
  const home = await bareMachine(t);
  const { gcs, s3 } = new Stack({ dir: join(home, 'stack'), only: [], say: () => {} });
  const go = join(home, 'go');
  await writeFile(go, '#!/bin/sh\necho go version go1.22.0 linux/amd64\n', { mode: 0o755 });
  await gcs.install();
  await rm(go);
  assert.deepEqual(await gcs.needs(), []);
  assert.deepEqual(await s3.needs(), [GO]);
});
