import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { sampleObject, storeCases } from '@scoreline/files/testing';
import { needServer, uniqueName, until } from '@scoreline/testing';

import { GcsStore } from './gcs-store.ts';
import { makeBucket } from './testing/emulator.ts';
import { gcsConfig } from './testing/gcs-config.ts';
import { bringsLast, bringsSecond, gcsProxy } from './testing/gcs-proxy.ts';

const BUCKET = process.env['GCS_BUCKET'] ?? '';
const PROGRAM = fileURLToPath(new URL('./testing/create-once.js', import.meta.url));
const SIGNAL: AbortSignal = new AbortController().signal;

storeCases(async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return null;
  const config = gcsConfig(proxy.url, BUCKET);
  const store = new GcsStore(config);
  await store.start('none/', SIGNAL);
  return {
    store,
    proxy,
    createsSmall: ({ path }) => path.includes('uploadType=multipart'),
    sendsPiece: bringsSecond,
    createsLarge: bringsLast,
    deletes: ({ method }) => method === 'DELETE',
    // The emulator looks at the checksum of what comes in one request only.
    keepsDamagedLarge: true,
    forbidden: said(403, 'forbidden'),
    tooMany: said(403, 'rateLimitExceeded'),
    program: [PROGRAM, JSON.stringify(config)],
  };
});

test('content type, cache control and who pays are said', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  const store = new GcsStore(gcsConfig(proxy.url, BUCKET));
  const object = await sampleObject(t, 1000);
  await store.create(object, SIGNAL);
  const url = `${proxy.url}/storage/v1/b/${BUCKET}/o/${encodeURIComponent(object.name)}`;
  const facts = (await (await fetch(url)).json()) as Record<string, unknown>;
  assert.equal(facts['contentType'], 'avro/binary');
  assert.equal(facts['cacheControl'], 'public, max-age=157248000');
  const [upload] = proxy.requests;
  assert.match(upload?.path ?? '', /ifGenerationMatch=0/);
  assert.match(upload?.path ?? '', /userProject=ntppool/);
});

test('a bucket that is not there stops the start, and names the setting', async (t) => {
  const endpoint = needServer(t, 'gcs');
  if (endpoint === '') return;
  const store = new GcsStore(gcsConfig(endpoint, uniqueName('none')));
  await assert.rejects(store.start('none/', SIGNAL), {
    name: 'ConfigError',
    code: 'gcs-bucket-missing',
    message: /^gc_bucket: /,
  });
});

test('a bucket that goes away stops the sink, small objects and large ones', async (t) => {
  const endpoint = needServer(t, 'gcs');
  if (endpoint === '') return;
  const store = new GcsStore(gcsConfig(endpoint, uniqueName('none')));
  for (const size of [1000, 9_000_000]) {
    const creating = store.create(await sampleObject(t, size), SIGNAL);
    await assert.rejects(creating, { code: 'gcs-bucket-missing', action: 'stop' });
  }
});

test('a large upload that was cut off goes on where the server has it', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  const store = new GcsStore(gcsConfig(proxy.url, BUCKET));
  const object = await sampleObject(t, 20_000_000);
  proxy.next(bringsSecond, { kind: 'cut', afterBytes: 50_000 });
  await assert.rejects(store.create(object, SIGNAL), { action: 'retry' });
  assert.equal(await store.create(object, SIGNAL), 'created');
  const sessions = proxy.requests.filter(({ method }) => method === 'POST');
  assert.equal(sessions.length, 1);
  const firsts = proxy.requests.filter(({ headers }) =>
    headers['content-range']?.startsWith('bytes 0-'),
  );
  assert.equal(firsts.length, 1);
});

test('after the abort of a large upload nothing is left to do', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  const config = gcsConfig(proxy.url, BUCKET);
  const object = await sampleObject(t, 20_000_000);
  proxy.next(bringsSecond, { kind: 'hold', afterBytes: 50_000 });
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(config), JSON.stringify(object)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  await until(() => proxy.fired.length === 1, { what: 'the upload', everyMs: 5 });
  child.kill('SIGTERM');
  await until(() => said.includes('aborted'), { what: 'the abort', everyMs: 5 });
  const closed = once(child, 'close');
  const asked = proxy.requests.length;
  proxy.dropAll();
  const [code] = (await closed) as [number | null];
  assert.equal(code, 0, said);
  assert.equal(proxy.requests.length, asked, 'nothing is asked after the abort');
});

test('a large upload whose session is gone begins again', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  const store = new GcsStore(gcsConfig(proxy.url, BUCKET));
  const object = await sampleObject(t, 20_000_000);
  proxy.next(bringsSecond, { kind: 'answer', status: 410 });
  await assert.rejects(store.create(object, SIGNAL), { action: 'retry' });
  assert.equal(await store.create(object, SIGNAL), 'created');
  const sessions = proxy.requests.filter(({ method }) => method === 'POST');
  assert.equal(sessions.length, 2);
});

test('the right to create is asked for at the start, and nothing is left of it', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  proxy.next(({ path }) => path.includes('uploadType=resumable'), said(403, 'forbidden'));
  const store = new GcsStore(gcsConfig(proxy.url, BUCKET));
  await assert.rejects(store.start('topic/', SIGNAL), {
    code: 'gcs-forbidden',
    action: 'configure',
  });
  await store.start('topic/', SIGNAL);
  assert.equal(proxy.fired.length, 1);
  assert.equal(await store.stat('topic/probe', SIGNAL), null);
});

test('a start tells whether rows are there, and the same bucket from another', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  const store = new GcsStore(gcsConfig(proxy.url, BUCKET));
  const object = await sampleObject(t, 1000);
  const prefix = `${object.name.split('/')[0]}/`;
  const before = await store.start(prefix, SIGNAL);
  assert.equal(before.holdsRows, false);
  await store.create(object, SIGNAL);
  const after = await store.start(prefix, SIGNAL);
  assert.deepEqual(after, { ...before, holdsRows: true });
  const other = uniqueName('other');
  await makeBucket(proxy.url, other);
  const there = await new GcsStore(gcsConfig(proxy.url, other)).start(prefix, SIGNAL);
  assert.notEqual(there.fingerprint, before.fingerprint);
});

test('of sinks that start at a time in a new bucket all know it by one mark', async (t) => {
  const proxy = await gcsProxy(t);
  if (proxy === null) return;
  const bucket = uniqueName('marked');
  await makeBucket(proxy.url, bucket);
  const starts = Array.from({ length: 5 }, () =>
    new GcsStore(gcsConfig(proxy.url, bucket)).start('topic/', SIGNAL),
  );
  const fingerprints = (await Promise.all(starts)).map(({ fingerprint }) => fingerprint);
  assert.equal(new Set(fingerprints).size, 1);
});

function said(status: number, reason: string) {
  const error = { code: status, message: `said ${reason}`, errors: [{ reason, message: 'said' }] };
  const headers = { 'content-type': 'application/json' };
  return { kind: 'answer', status, headers, body: JSON.stringify({ error }) } as const;
}
