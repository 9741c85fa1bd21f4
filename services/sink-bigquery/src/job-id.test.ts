import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { attemptId, jobName } from './job-id.ts';

const IDENTITY = '9b2cf1e0-0000-4000-8000-000000000000.log_scores-v1.3.120-4500.0badcafe';

test('an id has the characters that BigQuery allows, and shows which range it is', () => {
  const id = attemptId(jobName(IDENTITY, 'ntppool:ntp.log_scores@1'), 0);
  assert.match(id, /^scoreline-9b2cf1e0-.*_log_scores-v1_3_120-4500_0badcafe-[0-9a-f]{24}-a0$/);
});

test('it is the same whenever it is asked for, and no other range’s, table’s or attempt’s', () => {
  const names = [
    jobName(IDENTITY, 'ntppool:ntp.log_scores@1'),
    jobName(IDENTITY, 'ntppool:ntp.log_scores@2'),
    jobName(IDENTITY, 'ntppool:ntp.log_scores_2@1'),
    jobName(IDENTITY.replace('log_scores', 'log.scores'), 'ntppool:ntp.log_scores@1'),
  ];
  const ids = names.flatMap((name) => [attemptId(name, 0), attemptId(name, 1)]);
  assert.equal(new Set(ids).size, 8);
  assert.equal(jobName(IDENTITY, 'ntppool:ntp.log_scores@1'), names[0]);
});

test('whatever the names are, it is an id', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 1500 }), fc.string(), fc.nat(), (identity, table, n) => {
      assert.match(attemptId(jobName(identity, table), n), /^[A-Za-z0-9_-]{1,1024}$/);
    }),
  );
});
