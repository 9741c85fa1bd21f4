import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serversOf, startable } from './sinks.ts';

test('a sink is started where all that it lands in is there', () => {
  const servers = [{ name: 'kafka' }, { name: 'clickhouse' }] as const;
  assert.deepEqual(startable(['clickhouse'], servers), ['clickhouse']);
  assert.deepEqual(startable(['clickhouse'], servers.slice(0, 1)), []);
});

test('a server that several sinks land in is asked for once', () => {
  assert.deepEqual(serversOf(['clickhouse', 'clickhouse']), ['clickhouse']);
});
