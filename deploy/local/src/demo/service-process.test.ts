import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { until } from '@scoreline/testing';

import { isAlive } from '../processes.ts';
import { ServiceProcess } from './service-process.ts';

const ANSWERS = `import { createServer } from 'node:http';
console.log('port ' + process.env.http_port);
createServer((request, response) => {
  const ready = request.url !== '/readyz' || process.env.REASON === '';
  response.writeHead(ready ? 200 : 503).end(ready ? 'ready' : process.env.REASON);
}).listen(process.env.http_port, '127.0.0.1');`;

async function service(t: TestContext, source: string, reason = ''): Promise<ServiceProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'service-'));
  const program = join(dir, 'program.mjs');
  await writeFile(program, source);
  const process = new ServiceProcess({ name: 'sample', dir, program, env: { REASON: reason } });
  t.after(async () => {
    await process.stop(1_000);
    await rm(dir, { recursive: true, force: true });
  });
  return process;
}

async function pidOf(one: ServiceProcess): Promise<number> {
  const text = await readFile(one.logFile.replace('server.log', 'pid'), 'utf8');
  return Number(text.split(' ')[0]);
}

test('a killed service is started again, and its log is shown', async (t) => {
  const one = await service(t, ANSWERS);
  await one.start();
  assert.equal(await one.health(), 'ready');
  assert.equal(await one.revive(), null, 'it lives');
  const pid = await pidOf(one);
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
  assert.equal(await one.health(), 'not running');
  assert.match(
    (await one.revive()) ?? '',
    /sample died.*\n {2}port \d+\nsample was started again/s,
  );
  assert.equal(one.restarts, 1);
  assert.equal(await one.health(), 'ready');
});

test('a service that ends each time is given up, with its log', async (t) => {
  const one = await service(t, `console.error('no database'); process.exit(2);`);
  await assert.rejects(one.start(), /no database/);
  const reviving = async (): Promise<never> => {
    for (;;) await one.revive();
  };
  await assert.rejects(reviving(), /no database\n.*started 6 times/s);
});

test('why a service is not ready is told in its own words', async (t) => {
  const one = await service(t, ANSWERS, 'waits for the lock\nof another replica');
  await one.start();
  assert.equal(await one.health(), 'waits for the lock; of another replica');
  await one.stop(1_000);
  assert.equal(await one.revive(), null, 'it was asked to end');
});
