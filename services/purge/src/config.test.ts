import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sourceOf } from '@scoreline/database';
import { ConfigError, loadConfig, secretsOf } from '@scoreline/service';

import { cleanupBound, retentionDays, settings } from './config.ts';
import { replicaSources } from './replica-sources.ts';

const NEEDED = {
  database_dsn: 'purge:secret-1@tcp(db:3306)/ntppool',
  kafka_brokers: 'kafka:9092',
};

function configOf(env: Record<string, string> = {}) {
  return loadConfig(settings, { ...NEEDED, ...env });
}

test('what an archiver was told bounds the purge; without that the throttles alone do', () => {
  assert.equal(cleanupBound(configOf()), null);
  const bound = (env: Record<string, string>) => cleanupBound(configOf(env));
  assert.deepEqual(bound({ cleanup_default_interval: '1m' }), {
    rows: 200_000,
    intervalMs: 60_000,
  });
  assert.deepEqual(bound({ cleanup_default_batch_size: '500' }), {
    rows: 500,
    intervalMs: 240_000,
  });
});

test('retention_days wins over retention_days_default', () => {
  assert.equal(retentionDays(configOf()), 15);
  assert.equal(retentionDays(configOf({ retention_days_default: '14' })), 14);
  assert.equal(retentionDays(configOf({ retention_days_default: '14', retention_days: '30' })), 30);
});

test('rows of today are never old: a retention of no days is refused', () => {
  assert.throws(() => configOf({ retention_days: '0' }), /retention_days: expected integer/);
});

test('a replica is reached as the source is, and no log line shows its password', () => {
  const config = configOf({
    replica_dsns: 'purge:secret-2@tcp(r1:3306)/, purge:secret-3@tcp(r2:3307)/other',
  });
  const found = replicaSources(config, sourceOf(config));
  assert.deepEqual(
    found.map(({ host, port, database }) => ({ host, port, database })),
    [
      { host: 'r1', port: 3306, database: 'ntppool' },
      { host: 'r2', port: 3307, database: 'other' },
    ],
  );
  assert.doesNotMatch(secretsOf(config).scrub('secret-2 secret-3'), /secret/);
});

test('everything that is wrong is told at once, by setting, without secrets', () => {
  const wrong = {
    replica_dsns: 'purge:secret-2@tcp(r1:99999)/,r2',
    critical_threads_running: '25',
    purge_window: '22:00-25:00',
    sinks: 'a,b,a',
  };
  assert.throws(
    () => configOf(wrong),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      for (const setting of Object.keys(wrong)) assert.match(error.message, new RegExp(setting));
      assert.match(error.message, /replica_dsns: number 2/);
      assert.doesNotMatch(error.message, /secret-2/);
      return true;
    },
  );
});
