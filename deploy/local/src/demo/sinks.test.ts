import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BY_DEFAULT, serversOf, startable } from './sinks.ts';

test('a sink is started where all that it lands in is there', () => {
  const servers = [{ name: 'kafka' }, { name: 'clickhouse' }] as const;
  assert.deepEqual(startable(['clickhouse'], servers), ['clickhouse']);
  assert.deepEqual(startable(['clickhouse'], servers.slice(0, 1)), []);
});

test('a server that several sinks land in is asked for once', () => {
  assert.deepEqual(serversOf(['clickhouse', 'clickhouse']), ['clickhouse']);
});

test('what starts by default needs no server that is built from source', () => {
  assert.deepEqual(serversOf(BY_DEFAULT), ['clickhouse']);
});
