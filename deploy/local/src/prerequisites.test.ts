import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { isAtLeast, JAVA, problemWith, PYTHON, require } from './prerequisites.ts';

test('a missing JDK is one sentence with its remedy', async () => {
  const missing = { ...JAVA, command: '/nowhere/java' };
  const problem = await problemWith(missing);
  assert.match(problem ?? '', /^\/nowhere\/java is not to be found.*Install a JDK >= 17.*PATH\.$/);
});

test('a JDK that is too old is told with both versions', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(folder, { recursive: true }));
  const command = join(folder, 'java');
  await writeFile(command, '#!/bin/sh\necho "openjdk 11.0.2 2019-01-15"\n');
  await chmod(command, 0o755);
  const problem = await problemWith({ ...JAVA, command });
  assert.match(problem ?? '', /is version 11, needed is 17\. Install a JDK >= 17/);
});

test('everything that is missing is told at once', async () => {
  await assert.rejects(
    require([
      { ...JAVA, command: '/nowhere/java' },
      { ...PYTHON, command: '/nowhere/python3' },
    ]),
    ({ message }: Error) => message.split('\n').length === 2 && /JDK[^]*Python/.test(message),
  );
});

test('versions are compared as numbers', () => {
  assert.equal(isAtLeast([3, 11], [3, 8]), true);
  assert.equal(isAtLeast([3, 7], [3, 8]), false);
  assert.equal(isAtLeast([21], [17]), true);
  assert.equal(isAtLeast([4, 0], [3, 6]), true);
});
