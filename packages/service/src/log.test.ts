import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from 'zod';

import { loadConfig } from './config.ts';
import { PermanentError } from './errors.ts';
import { createLog, type Logger } from './log.ts';
import { serviceSettings } from './service-settings.ts';
import { secret } from './settings.ts';

const settings = z.object({
  ...serviceSettings,
  database_dsn: secret(),
  kafka_sasl_password: secret(),
  ch_dsn: secret(),
});

const SECRETS = ['s3cret-of-mysql', 's3cret-of-kafka', 's3cret/of"clickhouse'];

function logged(use: (log: Logger, config: z.infer<typeof settings>) => void): string {
  const config = loadConfig(settings, {
    database_dsn: `scoreline:${SECRETS[0]}@tcp(db:3306)/ntp`,
    kafka_sasl_password: SECRETS[1],
    ch_dsn: `tcp://user:${SECRETS[2]}@ch:9000/db`,
    log_level: 'trace',
  });
  const lines: string[] = [];
  use(createLog('test', config, { write: (line) => lines.push(line) }), config);
  for (const line of lines) assert.ok(JSON.parse(line), line);
  return lines.join('');
}

test('a config full of secrets is logged without one', () => {
  const output = logged((log, config) => {
    log.info({ config }, 'the config');
    log.info(config, 'the config as fields');
    log.info({ deep: { deeper: [config] } }, 'nested');
    log.info({ text: JSON.stringify(config) }, 'as text');
    log.info(`connecting with ${config.database_dsn}`);
    log.error(new Error(`no access with ${SECRETS[0]}`, { cause: new Error(SECRETS[1]) }));
    log.child({ dsn: config.ch_dsn }).warn('child');
    log.info({ url: `http://x/?p=${encodeURIComponent(SECRETS[2] ?? '')}` }, 'encoded');
  });
  assert.equal(output.split('\n').length, 9);
  for (const value of SECRETS) {
    for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
      assert.ok(!output.includes(form), `${form} in ${output}`);
    }
  }
  assert.match(output, /\[redacted\]/);
});

test('passwords that no setting holds are hidden by their key', () => {
  const output = logged((log) =>
    log.info({ options: { user: 'u', password: 'other-1', other_dsn: 'other-2' } }, 'x'),
  );
  assert.doesNotMatch(output, /other-/);
  assert.match(output, /"user":"u"/);
});

test('an error is logged with code, remedy and the chain of its causes', () => {
  const cause = Object.assign(new Error('ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    sql: 'SELECT row',
  });
  const error = new PermanentError('the source was rewound', {
    code: 'source-rewound',
    remedy: 'Look at it.',
    cause: new Error('reading the event', { cause }),
  });
  const line = JSON.parse(logged((log) => log.fatal({ err: error }, error.message))) as {
    err: Record<string, unknown>;
  };
  assert.equal(line.err['code'], 'source-rewound');
  assert.equal(line.err['remedy'], 'Look at it.');
  assert.equal(line.err['action'], 'stop');
  const middle = line.err['cause'] as Record<string, unknown>;
  assert.equal(middle['message'], 'reading the event');
  assert.deepEqual((middle['cause'] as Record<string, unknown>)['code'], 'ECONNREFUSED');
  assert.ok(!JSON.stringify(line).includes('SELECT row'));
});
