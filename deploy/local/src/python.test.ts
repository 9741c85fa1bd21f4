import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { findPython } from './python.ts';

async function home(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A program that says where it is and ends with `code`, whatever it is asked. */
async function program(folder: string, name: string, code: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n[ ${code} = 0 ] && echo "$0"\nexit ${code}\n`, { mode: 0o755 });
  return file;
}

test('a shim that leads nowhere is passed over for what the version manager keeps', async (t) => {
  const folder = await home(t);
  const path = join(folder, '.pyenv/shims');
  await program(path, 'python3.13', 127);
  await program(join(folder, '.pyenv/versions/3.9.18/bin'), 'python3', 1);
  const good = await program(join(folder, '.pyenv/versions/3.13.0/bin'), 'python3.13', 0);
  assert.equal(await findPython({ path, home: folder }), good);
});

test('3.13 is taken before a newer one, and PATH before a version manager', async (t) => {
  const folder = await home(t);
  const [first, second] = [join(folder, 'a'), join(folder, 'b')];
  await program(first, 'python3', 0);
  const newer = await program(first, 'python3.14', 0);
  await program(join(folder, '.pyenv/versions/3.14.1/bin'), 'python3.14', 0);
  const path = `${first}:${second}`;
  assert.equal(await findPython({ path, home: folder }), newer);
  const good = await program(second, 'python3.13', 0);
  assert.equal(await findPython({ path, home: folder }), good);
});

test('none is null', async (t) => {
  const folder = await home(t);
  await program(join(folder, 'bin'), 'python3', 1);
  assert.equal(await findPython({ path: join(folder, 'bin'), home: folder }), null);
});
