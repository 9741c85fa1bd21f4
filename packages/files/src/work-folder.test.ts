import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { quiet } from '@scoreline/landing/testing';

import { nodeFiles } from './file-system.ts';
import { tempFolder } from './testing/index.ts';
import { WorkFolder } from './work-folder.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

test('what dead processes have left is removed at start, and nothing else', async (t) => {
  const base = await tempFolder(t);
  const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
  const make = async (name: string, at = new Date()) => {
    await mkdir(path.join(base, name));
    await writeFile(path.join(base, name, '1-2026-01-31.avro'), 'x');
    await utimes(path.join(base, name), at, at);
  };
  await make(`${hostname()}.${dead}.00000001`);
  await make(`${hostname()}.${process.ppid}.00000002`);
  await make('another-host.1.00000003');
  await make('another-host.1.00000004', LONG_AGO);
  await make(`${hostname()}.${process.pid}.00000005`, new Date(Date.now() - 3_600_000));
  await make('an-operator-s', LONG_AGO);
  // Of another sink in this process.
  const other = new WorkFolder(base, { files: nodeFiles, log: quiet });
  await other.start();
  await writeFile(await other.newPath('a'), 'x');

  const work = new WorkFolder(base, { files: nodeFiles, log: quiet });
  await work.start();
  const left = (await readdir(base)).sort();
  assert.deepEqual(
    left.filter((name) => /\.0000000\d$/.test(name)),
    ['another-host.1.00000003', `${hostname()}.${process.ppid}.00000002`].sort(),
  );
  assert.ok(left.includes('an-operator-s'));
  assert.equal(left.length, 5);
  await work.stop();
  await other.stop();
  assert.equal((await readdir(base)).length, 3);
});

test('paths are each another one, and their folder is made again when it is gone', async (t) => {
  const base = await tempFolder(t);
  const work = new WorkFolder(base, { files: nodeFiles, log: quiet });
  await work.start();
  const first = await work.newPath('a');
  await work.stop();
  const second = await work.newPath('a');
  assert.notEqual(first, second);
  await writeFile(second, 'x');
  await work.stop();
});

test('a leftover that cannot be removed does not keep a sink from starting', async (t) => {
  const base = await tempFolder(t);
  await mkdir(path.join(base, 'another-host.1.00000001'));
  await utimes(path.join(base, 'another-host.1.00000001'), LONG_AGO, LONG_AGO);
  let asked = 0;
  const rm: typeof nodeFiles.rm = async (folder, options) => {
    if (folder.toString().endsWith('.00000001') && asked++ === 0)
      throw Object.assign(new Error('ENOTEMPTY'), { code: 'ENOTEMPTY', syscall: 'rmdir' });
    await nodeFiles.rm(folder, options);
  };
  const work = new WorkFolder(base, { files: { ...nodeFiles, rm }, log: quiet });
  await work.start();
  assert.equal(asked, 1);
  await work.stop();
});
