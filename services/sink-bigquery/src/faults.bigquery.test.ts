import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { quiet, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { retry } from '@scoreline/service';
import {
  type CannedAnswer,
  type Fault,
  faultProxy,
  type FaultProxy,
  needServer,
  type ProxiedRequest,
  until,
} from '@scoreline/testing';

import { type TestDataset, testDataset } from './testing/dataset.ts';
import { answer, googleError, QUOTA_EXCEEDED, RATE_LIMITED } from './testing/google-errors.ts';
import { FIRST, SIGNAL, testSink } from './testing/test-sink.ts';

const ROWS = Array.from({ length: 5000 }, (_, i) => sampleRow(i + 1));
const INFINITELY = Number.POSITIVE_INFINITY;

const uploads = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.includes('/upload/');
const asks = ({ method, path }: ProxiedRequest) =>
  method === 'GET' && path.includes('/jobs/scoreline-');
const asksForFirst = ({ method, path }: ProxiedRequest) =>
  method === 'GET' && path.includes('-a0?');
const cancelsFirst = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.includes('-a0/cancel');

interface Ready {
  readonly dataset: TestDataset;
  readonly proxy: FaultProxy;
  /** Writes the range as landing does: the same again while the error asks for it. */
  write(): Promise<void>;
  readonly failures: unknown[];
}

async function ready(
  t: TestContext,
  endpoint: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ready> {
  const dataset = await testDataset(t, endpoint);
  const proxy = await faultProxy(t, endpoint);
  const { sink } = testSink({ ...dataset.env, bq_api_endpoint: proxy.url, ...env });
  await sink.start(SIGNAL);
  const failures: unknown[] = [];
  const range = sampleRange(ROWS);
  return {
    dataset,
    proxy,
    failures,
    write: () =>
      retry((number) => sink.write(range, { number, replay: false }, SIGNAL), {
        signal: SIGNAL,
        log: quiet,
        what: 'writing',
        minDelayMs: 1,
        maxDelayMs: 10,
        onFailure: (error) => failures.push(error),
      }),
  };
}

const codes = (failures: readonly unknown[]) =>
  failures.map((error) => (error as { code?: unknown }).code);

async function assertOnce({ dataset, proxy }: Ready, fired: number, jobs: number): Promise<void> {
  assert.equal(proxy.fired.length, fired, proxy.fired.join('\n'));
  assert.equal((await dataset.jobs()).length, jobs);
  assert.deepEqual(await dataset.rows(), ROWS);
}

const SAME_JOB: Readonly<Record<string, Fault>> = {
  'an answer that is lost after the job was created': { kind: 'lose-answer' },
  'a request that is cut off in the middle': { kind: 'cut', afterBytes: 150_000 },
  '503 backendError': googleError(503, 'backendError'),
  '500 internalError': googleError(500, 'internalError'),
  'a proxy’s page': answer(502, '<html>Bad gateway</html>'),
  'a page where JSON should be': answer(200, '<html>Sign in</html>'),
};

for (const [what, fault] of Object.entries(SAME_JOB)) {
  test(`${what}: the same job id again, and one job`, async (t) => {
    const endpoint = needServer(t, 'bigquery');
    if (!endpoint) return;
    const all = await ready(t, endpoint);
    all.proxy.next(uploads, fault);
    await all.write();
    await assertOnce(all, 1, 1);
    assert.equal(all.failures.length, 1);
  });
}

test('a storm of 500, 502, 503 and 504 on every kind of request ends in one job', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  for (const status of [500, 502, 503, 504]) {
    const fault = googleError(status, 'backendError');
    all.proxy.next(uploads, fault, 3);
    all.proxy.next(asks, fault, 3);
  }
  await all.write();
  await assertOnce(all, 24, 1);
});

test('an answer that does not come is given up, and the job is found', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint, { bq_upload_timeout: '1500ms' });
  all.proxy.next(uploads, { kind: 'silence' });
  await all.write();
  await assertOnce(all, 1, 1);
  assert.deepEqual(codes(all.failures), ['bigquery-unreachable']);
});

test('409: another process has inserted the job meanwhile, and its rows are these', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  const other = testSink(all.dataset.env).sink;
  await other.start(SIGNAL);
  await other.write(sampleRange(ROWS), FIRST, SIGNAL);
  // The job is not visible when it is asked for: as if it were created right after that.
  all.proxy.next(asks, googleError(404, 'notFound', 'Not found: Job'));
  await all.write();
  await assertOnce(all, 1, 1);
  assert.deepEqual(all.failures, []);
});

test('two processes that load the same range at once make one job', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  const others = await Promise.all(
    [1, 2].map(async () => {
      const { sink } = testSink(all.dataset.env);
      await sink.start(SIGNAL);
      return sink;
    }),
  );
  const range = sampleRange(ROWS);
  await Promise.all([all.write(), ...others.map((sink) => sink.write(range, FIRST, SIGNAL))]);
  await assertOnce(all, 0, 1);
});

/** `GET jobs/<id>`, and what an upload answers, for a job that BigQuery has and the emulator does not. */
function jobAnswer(
  status: object,
  createdMs = Date.now(),
): (asked: ProxiedRequest) => CannedAnswer {
  return ({ path }) => {
    const jobId = /\/jobs\/([\w-]+)/.exec(path)?.[1] ?? '';
    const statistics = { creationTime: String(createdMs) };
    return answer(200, { jobReference: { jobId }, status, statistics });
  };
}

test('a job of another process that runs is waited for; when it fails the next attempt lands the rows', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  const errorResult = { reason: 'jobBackendError', message: 'Try again' };
  all.proxy.next(asksForFirst, jobAnswer({ state: 'RUNNING' }), 3);
  all.proxy.next(asksForFirst, jobAnswer({ state: 'DONE', errorResult }), 2);
  await all.write();
  await assertOnce(all, 5, 1);
  assert.deepEqual(codes(all.failures), ['bigquery-job-backend-error']);
  assert.match((await all.dataset.jobs())[0]?.id ?? '', /-a1$/);
});

test('a job that fails for a reason that does not pass stops, and a restart tries once more', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  const errorResult = { reason: 'invalid', message: 'Provided Schema does not match Table' };
  all.proxy.next(asksForFirst, jobAnswer({ state: 'PENDING' }));
  all.proxy.next(asksForFirst, jobAnswer({ state: 'DONE', errorResult }), 2);
  await assert.rejects(all.write(), { code: 'bigquery-invalid', action: 'stop' });
  assert.deepEqual(await all.dataset.rows(), []);
  const restarted = testSink({ ...all.dataset.env, bq_api_endpoint: all.proxy.url }).sink;
  await restarted.start(SIGNAL);
  await restarted.write(sampleRange(ROWS), FIRST, SIGNAL);
  await assertOnce(all, 3, 1);
});

test('a new table that BigQuery does not know everywhere yet is waited for, by requests and by jobs', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  all.proxy.next(uploads, googleError(404, 'notFound', 'Not found: Table'));
  const errorResult = { reason: 'notFound', message: 'Not found: Table' };
  all.proxy.next(asksForFirst, googleError(404, 'notFound', 'Not found: Job'));
  all.proxy.next(asksForFirst, jobAnswer({ state: 'RUNNING' }));
  all.proxy.next(asksForFirst, jobAnswer({ state: 'DONE', errorResult }), 2);
  await all.write();
  await assertOnce(all, 5, 1);
  assert.deepEqual(codes(all.failures), Array(2).fill('bigquery-table-unavailable'));
});

test('a job that never ends is cancelled; the next attempt follows when none of its rows are there', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  // Enough for the job that does end, on a machine that is busy.
  const all = await ready(t, endpoint, { bq_job_timeout: '5s' });
  const running = jobAnswer({ state: 'RUNNING' }, Date.now() - 3_600_000);
  all.proxy.next(asksForFirst, running, INFINITELY);
  all.proxy.next(cancelsFirst, running);
  await all.write();
  assert.ok(all.proxy.fired.some((line) => line.includes('/cancel')));
  assert.deepEqual(await all.dataset.rows(), ROWS);
  assert.match((await all.dataset.jobs())[0]?.id ?? '', /-a1$/);
});

test('a job that never ends, and whose rows are there, has landed', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint, { bq_job_timeout: '500ms' });
  const other = testSink(all.dataset.env).sink;
  await other.start(SIGNAL);
  await other.write(sampleRange(ROWS), FIRST, SIGNAL);
  const running = jobAnswer({ state: 'RUNNING' });
  all.proxy.next(asksForFirst, running, INFINITELY);
  all.proxy.next(cancelsFirst, running);
  await all.write();
  assert.ok(all.proxy.fired.length > 2);
  assert.deepEqual(await all.dataset.rows(), ROWS);
  assert.equal((await all.dataset.jobs()).length, 1);
});

test('quotaExceeded and rateLimitExceeded pause every load, and then the same job is created', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint, { bq_quota_pause: '400ms' });
  all.proxy.next(uploads, QUOTA_EXCEEDED, 3);
  const began = performance.now();
  await all.write();
  assert.ok(performance.now() - began >= 1200, `${performance.now() - began} ms`);
  assert.deepEqual(codes(all.failures), Array(3).fill('bigquery-quota-exceeded'));
  await assertOnce(all, 3, 1);
});

test('a range that waits for a pause lets go when its partition is not ours any more', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const all = await ready(t, endpoint);
  all.proxy.next(uploads, RATE_LIMITED);
  const { sink } = testSink({ ...all.dataset.env, bq_api_endpoint: all.proxy.url });
  await sink.start(SIGNAL);
  const range = sampleRange(ROWS);
  await assert.rejects(sink.write(range, FIRST, SIGNAL), {
    code: 'bigquery-rate-limit-exceeded',
    action: 'retry',
  });
  const gone = new AbortController();
  const again = sink.write(range, { number: 2, replay: false }, gone.signal);
  const asked = all.proxy.requests.length;
  await until(() => all.proxy.requests.length > asked, { what: 'the job to be asked for' });
  gone.abort(new Error('not ours any more'));
  await assert.rejects(again, /not ours any more/);
  assert.deepEqual(await all.dataset.jobs(), []);
});

test('a refusal stops: without the right, without billing', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  for (const reason of ['accessDenied', 'billingNotEnabled']) {
    const all = await ready(t, endpoint);
    all.proxy.next(uploads, googleError(403, reason));
    await assert.rejects(all.write(), { action: 'stop', remedy: /\w/ });
    assert.deepEqual(await all.dataset.rows(), []);
  }
});
