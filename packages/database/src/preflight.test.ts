import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError, createLog, createMetrics } from '@scoreline/service';

import { preflightMetrics, settleProblems, type Problem } from './preflight.ts';

const problem = (severity: Problem['severity'], subject: string): Problem => ({
  severity,
  subject,
  message: `${subject} is wrong`,
  remedy: `SET GLOBAL ${subject} = 1;`,
});

test('errors of a preflight are one error with all of them and their remedies; warnings are logged', () => {
  const lines: string[] = [];
  const log = createLog('test', { log_level: 'info' }, { write: (line) => lines.push(line) });
  settleProblems([problem('warning', 'w')], log);
  assert.match(lines.join(''), /"level":"warn".*"remedy":"SET GLOBAL w = 1;".*w is wrong/);
  assert.throws(
    () =>
      settleProblems([problem('error', 'a'), problem('warning', 'w'), problem('error', 'b')], log),
    (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.code, 'source-preflight');
      assert.equal(
        error.message,
        'database_dsn: the source is not ready for capture:\n  a is wrong\n  b is wrong',
      );
      assert.equal(error.remedy, 'SET GLOBAL a = 1;\nSET GLOBAL b = 1;');
      return true;
    },
  );
});

test('what weakens a promise is a metric, and gone from it when it is seen no more', async () => {
  const log = createLog('test', { log_level: 'silent' });
  const metrics = createMetrics();
  const own = preflightMetrics(metrics);
  settleProblems([problem('warning', 'sync_binlog')], log, own);
  assert.match(await metrics.registry.metrics(), /preflight_warnings\{subject="sync_binlog"\} 1/);
  settleProblems([], log, own);
  assert.doesNotMatch(await metrics.registry.metrics(), /warnings\{/);
});
