import assert from 'node:assert/strict';
import { test } from 'node:test';

import { activeSink } from '../testing/proofs.ts';
import { disagreements } from './roster.ts';

const ROSTER = [
  activeSink('clickhouse'),
  activeSink('gcs', { state: 'testing' }),
  activeSink('s3', { state: 'retired' }),
];

const codes = (...configured: string[]) =>
  disagreements(configured, ROSTER).map(({ kind, code, at }) => [kind, code, at?.sink]);

test('a configuration names what is active; what is testing it may name', () => {
  assert.deepEqual(codes('clickhouse'), []);
  assert.deepEqual(codes('gcs', 'clickhouse'), []);
});

test('an active sink that is left out, a name that is unknown and one that is retired are refused', () => {
  assert.deepEqual(codes(), [['refuse', 'sink-omitted', 'clickhouse']]);
  assert.deepEqual(codes('clickhouse', 's3'), [['refuse', 'sink-retired', 's3']]);
  assert.deepEqual(codes('click-house'), [
    ['refuse', 'sink-omitted', 'clickhouse'],
    ['refuse', 'sink-unknown', 'click-house'],
  ]);
});
