import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { needServer } from '@scoreline/testing';

import { isFree } from '../ports.ts';
import { Database } from './database.ts';

test('a database whose start fails leaves no process behind', async (t) => {
  if (needServer(t, 'mysql') === '') return;
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  // It comes up, and then even the administrator may make no account.
  const variables = { 'super-read-only': 'ON' };
  const database = new Database({ flavour: 'mysql', dir, variables });
  await assert.rejects(database.start(), /mysql did not start: .*super-read-only/);
  assert.equal(database.pid, null);
  await assert.rejects(readFile(join(dir, 'pid')), { code: 'ENOENT' });
  assert.ok(await isFree(database.port));
});
