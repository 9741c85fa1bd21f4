import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { freePorts, isFree } from './ports.ts';

test('ports are different, free, and none that the kernel gives to outgoing connections', async () => {
  const ports = await freePorts(50);
  assert.equal(new Set(ports).size, 50);
  const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  for (const port of ports) {
    assert.ok(port < Math.max(Number.parseInt(range, 10), 32_768), `${port}`);
    assert.ok(await isFree(port));
  }
});

test('a port that somebody listens on is not free', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  assert.equal(await isFree((server.address() as { port: number }).port), false);
});
