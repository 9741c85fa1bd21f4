import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inOurTerms, startError } from './gcs-errors.ts';

const api = (code: number, reason: string, message = 'said') =>
  Object.assign(new Error(message), { code, errors: [{ reason, message }] });
const socket = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
/** As a resumable upload raises what the server has answered: its JSON. */
const answer = (code: number, reason: string) => ({ code, message: 'said', errors: [{ reason }] });
const gaxios = (status: number, reason: string) =>
  Object.assign(new Error('Request failed'), {
    code: String(status),
    response: { status, data: { error: answer(status, reason) } },
  });

const CASES: Record<string, { error: unknown; action: string; code?: string }> = {
  'too many requests': { error: api(429, 'rateLimitExceeded'), action: 'retry' },
  'too many requests, as 403': { error: api(403, 'rateLimitExceeded'), action: 'retry' },
  'too many requests, in an upload': {
    error: answer(403, 'userRateLimitExceeded'),
    action: 'retry',
  },
  'too many requests, at the opening of an upload': {
    error: gaxios(403, 'quotaExceeded'),
    action: 'retry',
  },
  'an overloaded server': { error: api(503, 'backendError'), action: 'retry' },
  'a timeout of the server': { error: api(408, 'requestTimeout'), action: 'retry' },
  'a connection that was refused': { error: socket('ECONNREFUSED'), action: 'retry' },
  'a connection that was lost': { error: new Error('socket hang up'), action: 'retry' },
  'a client that gave up': { error: new Error('Retry limit exceeded - {}'), action: 'retry' },
  'an upload whose session is over': {
    error: Object.assign(new Error('Upload failed'), { code: 404 }),
    action: 'retry',
  },
  'a piece that nobody took': {
    error: Object.assign(new Error('Upload failed'), { code: 308 }),
    action: 'retry',
  },
  'an upload that is further than the client': {
    error: new RangeError('The offset is lower than the number of bytes written.'),
    action: 'retry',
  },
  'bytes that were damaged on their way': {
    error: api(400, 'invalid', 'Provided CRC32C "a" doesn\'t match calculated CRC32C "b".'),
    action: 'retry',
  },
  'a missing right': { error: api(403, 'forbidden'), action: 'stop', code: 'gcs-forbidden' },
  'a missing right, in an upload': {
    error: answer(403, 'forbidden'),
    action: 'stop',
    code: 'gcs-forbidden',
  },
  'a bucket that is gone': {
    error: api(404, 'notFound'),
    action: 'stop',
    code: 'gcs-bucket-missing',
  },
  'a key that was revoked': {
    error: Object.assign(new Error('invalid_grant'), {
      code: '400',
      response: { status: 400, data: { error: 'invalid_grant' } },
    }),
    action: 'stop',
    code: 'gcs-unauthenticated',
  },
  'no credentials at all': {
    error: new Error('Could not load the default credentials.'),
    action: 'stop',
    code: 'gcs-unauthenticated',
  },
  'a requester that is not named': {
    error: api(400, 'required'),
    action: 'stop',
    code: 'gcs-refused',
  },
  'a method that is unknown': { error: api(501, 'notImplemented'), action: 'stop' },
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

test('at the start what stops is a matter of the settings, and what passes is not', () => {
  assert.equal(startError(api(404, 'notFound'), 'starting').exitCode, 2);
  assert.equal(startError(api(503, 'backendError'), 'starting').action, 'retry');
});
