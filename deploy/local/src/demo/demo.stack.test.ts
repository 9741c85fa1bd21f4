import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { needServer, until } from '@scoreline/testing';

import { descendants, isAlive } from '../processes.ts';

const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

interface Run {
  readonly pid: number;
  readonly dir: string;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** The demo in a folder of its own, as a user would start it; null where there are no servers. */
async function demo(t: TestContext, ...args: string[]): Promise<Run | null> {
  // It starts servers of its own: what is asked here is whether tests with servers are wanted.
  if (needServer(t, 'kafka') === '') return null;
  const dir = await mkdtemp(join(tmpdir(), 'demo-run-'));
  const child = spawn(process.execPath, [PROGRAM, '--dir', dir, ...args]);
  assert.ok(child.pid);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  t.after(async () => {
    child.kill('SIGINT');
    await ended;
    await rm(dir, { recursive: true, force: true });
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { pid: child.pid, dir, ended, output: () => output };
}

test('the demo finds the one row that it damaged itself, and exits with 1', async (t) => {
  const run = await demo(t, '--rows', '5000', '--plant', 'flip');
  if (run === null) return;
  assert.equal(await run.ended, 1, run.output());
  assert.match(
    run.output(),
    /1 different in ClickHouse:\n {2}MySQL: id=(\d+) .*\n {2}ClickHouse: id=\1 /,
  );
  assert.match(run.output(), /\nNOT identical\n$/);
  assert.doesNotMatch(run.output(), /in (topic|files)/);
  assert.match(run.output(), /\nfiles +5,000 +5,000 /, 'every row is in the files, too');
});

test('the demo purges what is old when all is identical, and accounts for every row', async (t) => {
  const run = await demo(t, '--rows', '3000');
  if (run === null) return;
  assert.equal(await run.ended, 0, run.output());
  const output = run.output();
  assert.match(
    output,
    /\nidentical\n\n\$ purge --promote --sink clickhouse .*\n {2}it is so now\n/,
  );
  assert.match(output, /\n\$ purge --promote --sink file .*\n {2}it is so now\n/);
  const [, before] = /\nMySQL before +3,000 +3,000 {2}(\w+) /.exec(output) ?? [];
  assert.ok(before, output);
  for (const archive of ['ClickHouse', 'files']) {
    const hashes = output.matchAll(new RegExp(`\\n${archive} +3,000 +3,000 {2}(\\w+) `, 'g'));
    assert.deepEqual(
      [...hashes].map(([, hash]) => hash),
      [before, before],
      output,
    );
  }
  const count = (pattern: RegExp): number =>
    Number(pattern.exec(output)?.[1]?.replaceAll(',', '') ?? Number.NaN);
  const gone = count(/\n {2}deleted: ([\d,]+) rows\n/);
  assert.ok(gone > 1_000, `about a half is old, not ${gone}`);
  assert.equal(count(/\n {2}deletable: ([\d,]+) rows, /), gone);
  assert.equal(count(/\npurge log +([\d,]+) /), gone);
  assert.equal(count(/\nMySQL now +([\d,]+) /), 3_000 - gone);
  assert.match(
    output,
    /\npurged: [\d,]+ rows have left MySQL, each is recorded once, and is in ClickHouse and files as it was\n$/,
  );
});

test('the demo shows rows landing, and Ctrl-C ends all that it started within ten seconds', async (t) => {
  const run = await demo(t, '--rate', '200');
  if (run === null) return;
  await until(
    () =>
      /landed [1-9].*freshness p50 \d+ ms.*sink-clickhouse ready, sink-file ready/.test(
        run.output(),
      ),
    {
      what: 'rows to land',
      timeoutMs: 120_000,
    },
  ).catch((error: unknown) => assert.fail(`${String(error)}\n${run.output()}`));
  const pids = descendants(run.pid);
  assert.ok(pids.length >= 8, `four servers, three services and the traffic, not ${pids.length}`);
  const started = performance.now();
  process.kill(run.pid, 'SIGINT');
  assert.equal(await run.ended, 0, run.output());
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seconds < 10, `it took ${seconds} s`);
  assert.deepEqual(pids.filter(isAlive), []);
});
