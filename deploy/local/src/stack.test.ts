import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { ServerName } from './server.ts';
import { Stack } from './stack.ts';

test('without the Python that it runs on, BigQuery is left out where it is optional, and else an error', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
  const { PATH, HOME } = process.env;
  Object.assign(process.env, { PATH: dir, HOME: dir });
  t.after(async () => {
    Object.assign(process.env, { PATH, HOME });
    await rm(dir, { recursive: true });
  });
  const said: string[] = [];
  const only: readonly ServerName[] = ['bigquery'];
  const say = (line: string): unknown => said.push(line);

  await new Stack({ dir, only, optional: only, say }).up();
  assert.match(
    said.join('\n'),
    /^bigquery is left out: No Python >= 3\.13 with venv .* install one/,
  );
  await assert.rejects(new Stack({ dir, only, say }).up(), /^Error: No Python >= 3\.13/);
  assert.deepEqual(await readdir(dir), []);
});
