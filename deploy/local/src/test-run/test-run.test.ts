import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { shortfalls, untestedWorkspaces } from './floor.ts';
import { serversFor } from './servers-for.ts';
import { workspaces } from './test-files.ts';

const FLOOR = { tests: 10, untested: { 'packages/helpers': 'helpers' } };

test('fewer tests than the floor, a skipped one and one to do each fail a run', () => {
  assert.deepEqual(shortfalls({ tests: 10, skipped: 0, todo: 0 }, FLOOR), []);
  assert.match(shortfalls({ tests: 9, skipped: 0, todo: 0 }, FLOOR)[0] ?? '', /at least 10/);
  assert.equal(shortfalls({ tests: 11, skipped: 1, todo: 1 }, FLOOR).length, 2);
});

test('a test whose source is gone does not run, and a workspace without tests is named', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(root, { recursive: true }));
  const files = [
    'packages/a/package.json',
    'packages/a/src/deep/one.test.ts',
    'packages/a/dist/deep/one.test.js',
    'packages/a/dist/gone.test.js',
    'packages/bare/package.json',
    'packages/bare/src/code.ts',
    'packages/helpers/package.json',
    'packages/helpers/src/code.ts',
    'e2e/src/code.ts',
    'e2e/dist/gone.test.js',
  ];
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
  await writeFile(join(root, 'package.json'), '{"workspaces":["packages/*","e2e"]}');

  const all = await workspaces(root);
  assert.deepEqual(
    all.flatMap((one) => one.tests),
    [join(root, 'packages/a/dist/deep/one.test.js')],
  );
  assert.deepEqual(untestedWorkspaces(all, FLOOR), [
    'packages/bare has sources and no test',
    'e2e has sources and no test',
  ]);
});

test('a server that is slow to install is started for test files that are named after it', () => {
  const usual = ['kafka', 'mariadb', 'mysql', 'clickhouse', 'registry'];
  const files = (...names: string[]) => names.map((name) => `/repo/packages/a/dist/${name}`);
  assert.deepEqual(serversFor(files('one.test.js', 'gcs.test.js')), usual);
  assert.deepEqual(serversFor(files('one.kafka.test.js', 'put.gcs.test.js')), [...usual, 'gcs']);
  assert.deepEqual(serversFor(files('put.gcs.s3.test.js')), [...usual, 'gcs', 's3']);
  assert.deepEqual(serversFor(files('kill.questdb.test.js')), [...usual, 'questdb']);
});
