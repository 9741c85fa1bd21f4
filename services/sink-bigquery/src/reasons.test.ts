import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ScorelineError } from '@scoreline/service';

import { ApiError, errorOf } from './api-error.ts';
import { inOurTerms, jobFailed, startError, verdictOf } from './reasons.ts';

const body = (reason: string) =>
  JSON.stringify({ error: { code: 0, message: 'said', errors: [{ reason, message: 'said' }] } });

const ANSWERS: readonly [status: number, reason: string, verdict: string, code: string][] = [
  [500, 'internalError', 'again', 'bigquery-internal-error'],
  [500, 'backendError', 'again', 'bigquery-backend-error'],
  [503, 'backendError', 'again', 'bigquery-backend-error'],
  [400, 'jobBackendError', 'again', 'bigquery-job-backend-error'],
  [400, 'jobInternalError', 'again', 'bigquery-job-internal-error'],
  [400, 'tableUnavailable', 'again', 'bigquery-table-unavailable'],
  [401, 'authError', 'again', 'bigquery-auth-error'],
  [403, 'rateLimitExceeded', 'rate', 'bigquery-rate-limit-exceeded'],
  [403, 'jobRateLimitExceeded', 'rate', 'bigquery-job-rate-limit-exceeded'],
  [403, 'quotaExceeded', 'quota', 'bigquery-quota-exceeded'],
  [404, 'notFound', 'absent', 'bigquery-not-found'],
  [409, 'duplicate', 'exists', 'bigquery-duplicate'],
  [403, 'accessDenied', 'refused', 'bigquery-access-denied'],
  [403, 'billingNotEnabled', 'refused', 'bigquery-billing-not-enabled'],
  [400, 'invalid', 'refused', 'bigquery-invalid'],
  [400, 'invalidQuery', 'refused', 'bigquery-invalid-query'],
  [400, 'resourcesExceeded', 'refused', 'bigquery-resources-exceeded'],
  [501, 'notImplemented', 'refused', 'bigquery-not-implemented'],
  [400, 'aWordOfTomorrow', 'refused', 'bigquery-a-word-of-tomorrow'],
];

for (const [status, reason, verdict, code] of ANSWERS) {
  test(`${status} ${reason} means: ${verdict}`, () => {
    const error = errorOf(status, body(reason));
    assert.equal(verdictOf(error), verdict);
    const ours = inOurTerms(error, 'loading');
    assert.ok(ours instanceof ScorelineError);
    assert.equal(ours.code, code);
    assert.equal(ours.action, /again|rate|quota/.test(verdict) ? 'retry' : 'stop');
  });
}

test('what nobody has answered, and what a proxy answers, may pass', () => {
  const silent = new ApiError('fetch failed', { status: null, reason: '' });
  assert.equal(verdictOf(silent), 'again');
  for (const status of [404, 408, 500, 502, 504]) {
    const error = errorOf(status, '<html><h1>Not here</h1></html>');
    assert.equal(verdictOf(error), 'again', String(status));
    assert.match(error.message, /Not here/);
  }
  assert.equal(verdictOf(errorOf(429, 'slow down')), 'rate');
  assert.equal(verdictOf(errorOf(403, 'no')), 'refused');
});

test('of a failed job the next one may go better, or none', () => {
  const retried = ['jobBackendError', 'jobInternalError', 'quotaExceeded', 'stopped', 'timeout'];
  for (const reason of retried) assert.equal(jobFailed('j', reason, '').action, 'retry', reason);
  const stopped = ['invalid', 'notFound', 'accessDenied', 'resourcesExceeded', 'duplicate', ''];
  for (const reason of stopped) assert.equal(jobFailed('j', reason, '').action, 'stop', reason);
});

test('at the start, what a setting names and is not there is that setting’s', () => {
  const action = (error: unknown) => {
    const ours = startError(error, 'looking', 'bq_project');
    assert.ok(ours instanceof ScorelineError);
    return [ours.action, ours.exitCode];
  };
  assert.deepEqual(action(new ApiError('refused', { status: null, reason: '' })), ['configure', 2]);
  assert.deepEqual(action(errorOf(403, body('accessDenied'))), ['configure', 2]);
  assert.deepEqual(action(errorOf(503, body('backendError'))), ['retry', 1]);
  assert.deepEqual(action(errorOf(400, body('invalid'))), ['stop', 1]);
});
