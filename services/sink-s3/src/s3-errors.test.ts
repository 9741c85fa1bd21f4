import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inOurTerms, isAbsent, isThere, startError } from './s3-errors.ts';

const answered = (status: number, name: string) =>
  Object.assign(new Error('said'), { name, $metadata: { httpStatusCode: status } });

const unlent = Object.assign(new Error('Could not load credentials from any providers'), {
  name: 'CredentialsProviderError',
});

const CASES: Record<string, { error: unknown; action: string; code?: string }> = {
  'too many requests': { error: answered(503, 'SlowDown'), action: 'retry' },
  'too many requests, as 429': { error: answered(429, 'TooManyRequests'), action: 'retry' },
  'a quota that is used up': { error: answered(403, 'QuotaExceeded'), action: 'retry' },
  'a body that came too slowly': { error: answered(400, 'RequestTimeout'), action: 'retry' },
  'somebody else creates it now': {
    error: answered(409, 'ConditionalRequestConflict'),
    action: 'retry',
  },
  'bytes that were damaged on their way': { error: answered(400, 'BadDigest'), action: 'retry' },
  'an upload whose parts are gone': { error: answered(404, 'NoSuchUpload'), action: 'retry' },
  'a timeout of the client': {
    error: Object.assign(new Error('no answer'), { name: 'TimeoutError' }),
    action: 'retry',
  },
  'a connection that was lost': {
    error: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
    action: 'retry',
  },
  'a missing right': { error: answered(403, 'AccessDenied'), action: 'stop', code: 's3-forbidden' },
  'a missing right, in an answer without a body': {
    error: answered(403, 'UnknownError'),
    action: 'stop',
    code: 's3-forbidden',
  },
  'a bucket that is gone': {
    error: answered(404, 'NoSuchBucket'),
    action: 'stop',
    code: 's3-bucket-missing',
  },
  'a wrong secret': {
    error: answered(403, 'SignatureDoesNotMatch'),
    action: 'stop',
    code: 's3-unauthenticated',
  },
  'another region': { error: answered(301, 'PermanentRedirect'), action: 'stop' },
  'a header that is unknown': { error: answered(501, 'NotImplemented'), action: 'stop' },
  'a bucket whose name leads elsewhere yet': {
    error: answered(307, 'TemporaryRedirect'),
    action: 'retry',
  },
  'credentials that come late': {
    error: unlent,
    action: 'retry',
    code: 's3-unauthenticated',
  },
  'credentials that have expired on the way': {
    error: answered(400, 'ExpiredToken'),
    action: 'retry',
    code: 's3-unauthenticated',
  },
  'what nobody has thought of': { error: new TypeError('x is not a function'), action: 'stop' },
};

for (const [what, { error, action, code }] of Object.entries(CASES)) {
  test(`${action}: ${what}`, () => {
    const ours = inOurTerms(error, 'creating one');
    assert.equal(ours.action, action);
    if (code !== undefined) assert.equal(ours.code, code);
    assert.match(ours.message, /^creating one: /);
    assert.equal(ours.cause, error);
    if (action === 'stop') assert.ok(ours.remedy);
  });
}

test('a bucket that is gone is not an object that is not there', () => {
  assert.equal(isAbsent(answered(404, 'NotFound')), true);
  assert.equal(isAbsent(answered(404, 'NoSuchBucket')), false);
  assert.equal(isThere(answered(412, 'PreconditionFailed')), true);
});

test('at the start what stops is a matter of the settings, and what passes is not', () => {
  assert.equal(startError(answered(404, 'NoSuchBucket'), 'starting').exitCode, 2);
  assert.equal(startError(answered(503, 'SlowDown'), 'starting').action, 'retry');
  for (const error of [unlent, answered(400, 'ExpiredToken')]) {
    const ours = startError(error, 'starting');
    assert.deepEqual([ours.exitCode, ours.code], [2, 's3-unauthenticated']);
  }
});
