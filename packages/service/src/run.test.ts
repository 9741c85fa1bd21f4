import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { until } from '@scoreline/testing';
import { z } from 'zod';

import { loadConfig } from './config.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Part } from './part.ts';
import { run } from './run.ts';
import { serviceSettings } from './service-settings.ts';
import { secret } from './settings.ts';

const settings = z.object({ ...serviceSettings, token_value: secret().optional() });

function start(parts: Part[], env: Record<string, string> = {}) {
  const config = loadConfig(settings, { http_port: '0', http_host: '127.0.0.1', ...env });
  const lines: Record<string, unknown>[] = [];
  const log = createLog('test', config, { write: (line) => lines.push(JSON.parse(line)) });
  const signals = new EventEmitter();
  const metrics = createMetrics();
  const exit = run({ name: 'test', version: '1.2.3', config, log, metrics, parts, signals });
  const url = () =>
    until(
      () => lines.find((line) => line['msg'] === 'http listening')?.['url'] as string | undefined,
    );
  return { exit, url, signals, lines, metrics };
}

const idle = (more: Partial<Part> = {}): Part => ({
  name: 'idle',
  start: async () => {},
  stop: async () => {},
  ...more,
});

test('health, metrics and status are served, and the log tells where', async () => {
  let reason: string | null = null;
  const part = idle({
    notReady: () => reason,
    status: () => ({ position: 2n ** 60n, token: 'keep-this-hidden' }),
  });
  const { exit, url, signals, lines } = start([part, idle({ name: 'silent' })], {
    TOKEN_VALUE: 'keep-this-hidden',
  });
  const base = await url();
  await until(() => lines.some((line) => line['msg'] === 'running'));

  const livez = await fetch(`${base}/livez`);
  assert.deepEqual([livez.status, await livez.text()], [200, 'alive\n']);
  const ready = await fetch(`${base}/readyz`);
  assert.deepEqual([ready.status, await ready.text()], [200, 'ready\n']);
  reason = 'the source is gone; token keep-this-hidden';
  const notReady = await fetch(`${base}/readyz?verbose`);
  assert.deepEqual(
    [notReady.status, await notReady.text()],
    [503, 'idle: the source is gone; token [redacted]\n'],
  );

  const metrics = await (await fetch(`${base}/metrics`)).text();
  assert.match(metrics, /^scoreline_service_info\{service="test",version="1\.2\.3"\} 1$/m);
  assert.match(metrics, /^scoreline_service_ready 0$/m);

  const status = (await (await fetch(`${base}/status`)).json()) as Record<string, unknown>;
  assert.equal(typeof status['uptimeSeconds'], 'number');
  delete status['uptimeSeconds'];
  assert.deepEqual(status, {
    service: 'test',
    version: '1.2.3',
    state: 'running',
    notReady: ['idle: the source is gone; token [redacted]'],
    parts: { idle: { position: '1152921504606846976', token: '[redacted]' } },
  });

  assert.equal((await fetch(`${base}/`)).status, 404);
  assert.equal((await fetch(`${base}/livez`, { method: 'POST' })).status, 405);
  signals.emit('SIGTERM');
  assert.equal(await exit, 0);
  await assert.rejects(fetch(`${base}/livez`));
  assert.equal(signals.listenerCount('SIGTERM') + signals.listenerCount('SIGINT'), 0);
});

test('a part that cannot tell its status does not hide the others', async () => {
  const broken = idle({
    name: 'broken',
    status: () => {
      throw new Error('not yet');
    },
  });
  const { exit, url, signals } = start([broken, idle({ status: () => 1 })]);
  const status = (await (await fetch(`${await url()}/status`)).json()) as { parts: unknown };
  assert.deepEqual(status.parts, { broken: { error: 'not yet' }, idle: 1 });
  signals.emit('SIGINT');
  assert.equal(await exit, 0);
});

test('a port in use is a wrong setting, named before any part starts', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  let started = false;
  const { exit, lines } = start([idle({ start: async () => void (started = true) })], {
    http_port: String(port),
  });
  assert.equal(await exit, 2);
  assert.equal(started, false);
  const fatal = lines.find((line) => line['level'] === 'fatal');
  assert.equal(
    fatal?.['msg'],
    `http_port: ${port} of http_host 127.0.0.1 is in use by another process`,
  );
  assert.match(JSON.stringify(fatal), /Set http_port to a free port/);
});

test('a failing metric is answered with 500, and the process lives', async () => {
  const { exit, url, signals, metrics } = start([idle()]);
  metrics.gauge('scoreline_test_broken', 'Broken.', [], () => {
    throw new Error('no value');
  });
  assert.equal((await fetch(`${await url()}/metrics`)).status, 500);
  assert.equal((await fetch(`${await url()}/livez`)).status, 200);
  signals.emit('SIGTERM');
  assert.equal(await exit, 0);
});
