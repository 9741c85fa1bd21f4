import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ServerFacts } from '@scoreline/database';
import fc from 'fast-check';

import { retentionSeconds, runwayProblems, runwaySeconds } from './binlog-runway.ts';

const HOUR = 3_600;
const NOW_MS = 1_800_000_000_000;
const file = (number: number) => ({ file: `binlog.00000${number}`, offset: 500 });
const hoursAgo = (hours: number): number => NOW_MS - hours * HOUR * 1000;
const kept = (values: Record<string, string>): number =>
  retentionSeconds(new Map(Object.entries(values)));

test('how long binlogs are kept is read as each server says it', () => {
  assert.equal(kept({ binlog_expire_logs_seconds: '2592000' }), 30 * 24 * HOUR);
  assert.equal(kept({ binlog_expire_logs_seconds: '0' }), Infinity);
  assert.equal(kept({}), Infinity);
  const seconds = { binlog_expire_logs_seconds: '60' };
  assert.equal(kept({ ...seconds, binlog_expire_logs_auto_purge: 'OFF' }), Infinity);
  assert.equal(kept({ ...seconds, binlog_expire_logs_auto_purge: 'ON' }), 60);
});

test('a file can be purged when its newest event that we know of is too old', () => {
  const facts = {
    retentionSeconds: 24 * HOUR,
    position: file(1),
    newest: file(3),
    nowMs: NOW_MS,
  };
  assert.equal(runwaySeconds({ ...facts, commitTimeMs: hoursAgo(0) }), 24 * HOUR);
  assert.equal(runwaySeconds({ ...facts, commitTimeMs: hoursAgo(20) }), 4 * HOUR);
  assert.equal(runwaySeconds({ ...facts, commitTimeMs: hoursAgo(30) }), 0, 'at any time now');
  assert.equal(runwaySeconds({ ...facts, commitTimeMs: 0 }), null, 'nobody knows');
  const forEver = { ...facts, retentionSeconds: Infinity };
  assert.equal(runwaySeconds({ ...forEver, commitTimeMs: 0 }), Infinity);
});

test('the file that is written to is not purged, however old its last group is', () => {
  const facts = { retentionSeconds: HOUR, commitTimeMs: hoursAgo(500), nowMs: NOW_MS };
  assert.equal(runwaySeconds({ ...facts, position: file(3), newest: file(3) }), HOUR);
  assert.equal(runwaySeconds({ ...facts, position: file(2), newest: file(3) }), 0);
});

test('a limit to the size of all files purges ours when enough is written behind it', () => {
  const files = [1, 2, 3].map((number) => ({ name: file(number).file, bytes: 1_000 }));
  const facts = {
    retentionSeconds: Infinity,
    position: file(2),
    newest: file(3),
    commitTimeMs: hoursAgo(1),
    nowMs: NOW_MS,
    size: { maxBytes: 5_000, files },
  };
  assert.equal(runwaySeconds({ ...facts, bytesPerSecond: 10 }), 300);
  assert.equal(runwaySeconds({ ...facts, bytesPerSecond: 10, retentionSeconds: 3_660 }), 60);
  assert.equal(runwaySeconds({ ...facts, bytesPerSecond: null }), Infinity, 'too early to tell');
  assert.equal(runwaySeconds({ ...facts, bytesPerSecond: 0 }), Infinity, 'nothing is written');
  assert.equal(runwaySeconds({ ...facts, size: { maxBytes: 2_000, files } }), 0);
});

test('the runway never promises more than the server keeps, and shrinks as time passes', () => {
  const hours = fc.integer({ min: -100, max: 1_000 });
  fc.assert(
    fc.property(fc.nat(100_000), hours, fc.nat(100_000), (seconds, age, laterSeconds) => {
      const facts = {
        retentionSeconds: seconds,
        position: file(1),
        newest: file(2),
        commitTimeMs: hoursAgo(age),
      };
      const now = runwaySeconds({ ...facts, nowMs: NOW_MS })!;
      const later = runwaySeconds({ ...facts, nowMs: NOW_MS + laterSeconds * 1000 })!;
      assert.ok(0 <= later && later <= now && now <= seconds);
    }),
  );
});

function server(flavor: 'mariadb' | 'mysql', seconds: string): ServerFacts {
  const variables = new Map([['binlog_expire_logs_seconds', seconds]]);
  return { flavor, version: '11.4.5', variables, account: "'scoreline'@'%'" };
}

test('a server that keeps binlogs for less than min_binlog_runway is refused, with what to set', () => {
  const [problem, ...rest] = runwayProblems(server('mysql', '1800'), HOUR * 1000);
  assert.deepEqual(rest, []);
  assert.equal(problem?.severity, 'error');
  assert.match(
    problem?.message ?? '',
    /^binlog_expire_logs_seconds is 1800, and min_binlog_runway asks for 3600/,
  );
  assert.match(problem?.remedy ?? '', /^SET PERSIST binlog_expire_logs_seconds = 604800;/);
  const [month] = runwayProblems(server('mariadb', '86400'), 20 * 24 * HOUR * 1000);
  assert.match(
    month?.remedy ?? '',
    /^SET GLOBAL binlog_expire_logs_seconds = 1728000; .*\[mysqld\]: binlog_expire_logs_seconds = 1728000\n/,
  );
});

test('enough, for ever, or nothing asked for is no problem', () => {
  for (const [seconds, minRunwayMs] of [
    ['3600', HOUR * 1000],
    ['0', HOUR * 1000],
    ['1', 0],
  ] as const) {
    assert.deepEqual(runwayProblems(server('mariadb', seconds), minRunwayMs), []);
  }
});
