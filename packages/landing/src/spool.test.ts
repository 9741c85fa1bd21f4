import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { type Scratch, Spool } from './spool.ts';
import { quiet } from './testing/index.ts';
import { MemoryDisk } from './testing/memory-disk.ts';

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'scoreline-test-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

const spoolIn = (where: string) => new Spool({ folder: where, budgetBytes: 1e9, log: quiet });

test('a folder that is not there, or no folder, is refused at start, and named', async (t) => {
  const where = await folder(t);
  await writeFile(join(where, 'file'), '');
  for (const wrong of ['missing', 'file']) {
    await assert.rejects(spoolIn(join(where, wrong)).start(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'spool-dir');
      assert.ok(error.message.includes(join(where, wrong)));
      return true;
    });
  }
});

test('what others have in the folder stays; what a spool left there goes', async (t) => {
  const where = await folder(t);
  await writeFile(join(where, 'notes.spool'), 'mine');
  await writeFile(join(where, 'scoreline-00000000-0000-4000-8000-000000000000.spool'), '');
  await spoolIn(where).start();
  assert.deepEqual(await readdir(where), ['notes.spool']);
});

test('a start takes nothing from another process that uses the folder', async (t) => {
  const where = await folder(t);
  const spool = spoolIn(where);
  const file = await spool.append(null, [Buffer.from('some records')]);
  await spoolIn(where).start();
  const read = Buffer.alloc(12);
  await file?.read(read, 0);
  assert.equal(read.toString(), 'some records');
  await spool.release(file!);
});

test('a process that is killed leaves nothing behind', async (t) => {
  const where = await folder(t);
  const modules = ['spool.js', 'testing/pipeline.js'].map((name) => new URL(name, import.meta.url));
  const program = `
    const [{ Spool }, { quiet }] = await Promise.all(${JSON.stringify(modules)}.map((one) => import(one)));
    const spool = new Spool({ folder: ${JSON.stringify(where)}, budgetBytes: 1e9, log: quiet });
    await spool.append(null, [Buffer.alloc(1e6)]);
    console.log('spooled');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(said.toString(), 'spooled\n');
  assert.deepEqual(await readdir(where), []);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await readdir(where), []);
});

test('a full disk is asked again after a second, or at once when something of ours has gone', async () => {
  let nowMs = 0;
  const disk = new MemoryDisk(100);
  const spool = new Spool({
    folder: 'memory',
    budgetBytes: 1e9,
    log: quiet,
    open: () => disk.open(),
    now: () => nowMs,
  });
  const asker = { openBytes: 100, leavingBytes: 0, isReplay: true, canClose: false };
  const room = () => spool.room(asker, [asker], 10);
  const file: Scratch | null = await spool.append(null, [Buffer.alloc(90)]);
  assert.equal(room(), 'write');
  assert.equal(await spool.append(file, [Buffer.alloc(20)]), null);
  assert.equal(spool.usedBytes, 90);
  assert.equal(room(), 'wait');
  nowMs = 999;
  assert.equal(room(), 'wait');
  nowMs = 1000;
  assert.equal(room(), 'write');
  assert.equal(await spool.append(file, [Buffer.alloc(20)]), null);
  assert.equal(room(), 'wait');
  assert.match(spool.notReady() ?? '', /has been full for 1 s, and consuming waits for space/);
  await spool.release(file!);
  assert.equal(room(), 'write');
  assert.notEqual(await spool.append(null, [Buffer.alloc(20)]), null);
  assert.equal(spool.notReady(), null);
});

test('an error of the disk that does not pass by itself stops', async () => {
  const spool = new Spool({
    folder: 'memory',
    budgetBytes: 1e9,
    log: quiet,
    open: async () => {
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    },
  });
  await assert.rejects(spool.append(null, [Buffer.alloc(1)]), {
    code: 'spool-failed',
    action: 'stop',
  });
});
