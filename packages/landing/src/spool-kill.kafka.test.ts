import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import { landedIn, type Moment } from './testing/folder-sink.ts';
import { FIRST_OF_MANY, pipeline, produceMany } from './testing/index.ts';
import type { MemberOrders } from './testing/member.ts';

const MEMBER = fileURLToPath(new URL('testing/member.js', import.meta.url));
const MOMENTS: readonly Moment[] = ['begun', 'read in part', 'durable'];
const ROWS = 60_000;

function member(t: TestContext, orders: MemberOrders): ChildProcess {
  const child = spawn(process.execPath, [MEMBER, JSON.stringify(orders)], { stdio: 'inherit' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

suite('a process is killed with several ranges in flight', { concurrency: true }, () => {
  for (const moment of MOMENTS) {
    test(`the oldest of them ${moment}: each is made again from Kafka, and every row lands once`, async (t) => {
      const brokers = needServer(t, 'kafka');
      if (!brokers) return;
      const root = await mkdtemp(join(tmpdir(), 'scoreline-test-'));
      t.after(() => rm(root, { recursive: true }));
      const folder = join(root, 'landed');
      const spool_dir = join(root, 'spool');
      for (const one of [folder, spool_dir]) await mkdir(one);
      const p = await pipeline(t, brokers, { partitions: 1 });
      await produceMany(p, 0, { rows: ROWS });
      const env = {
        ...p.env,
        spool_dir,
        spool_bytes: '10MB',
        buffer_bytes: '1MB',
        session_timeout: '6s',
      };

      const limits = { rows: 15_000, inFlight: 3 };
      const dying = member(t, { env, folder, limits, diesAt: moment });
      const [, signal] = (await once(dying, 'exit')) as [number | null, string | null];
      assert.equal(signal, 'SIGKILL');
      const [commit] = (await p.commits('folder')).values();
      assert.equal(commit?.offset, 0n, 'nothing above the oldest counts as landed');
      assert.equal(parseCommitMetadata(commit.metadata, 'p0').pending.length, 3);
      assert.deepEqual(await readdir(spool_dir), [], 'its files are gone with it');

      member(t, { env, folder, limits: { rows: 9000 }, diesAt: null });
      await until(async () => (await p.lag('folder')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
      const ids = new Float64Array(await landedIn(folder)).sort();
      assert.equal(ids.length, ROWS);
      assert.ok(ids.every((id, i) => id === FIRST_OF_MANY + i));
    });
  }
});
