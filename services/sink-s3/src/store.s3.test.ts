import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { sampleObject, storeCases } from '@scoreline/files/testing';
import { quiet } from '@scoreline/landing/testing';
import {
  faultProxy,
  type FaultProxyOptions,
  needServer,
  type ProxiedRequest,
  uniqueName,
} from '@scoreline/testing';

import { S3Store } from './s3-store.ts';
import { s3Config } from './testing/s3-config.ts';

const PROGRAM = fileURLToPath(new URL('./testing/create-once.js', import.meta.url));
const SIGNAL: AbortSignal = new AbortController().signal;

storeCases(async (t) => {
  const world = await behindProxy(t);
  if (world === null) return null;
  const { store, proxy, config } = world;
  await store.start('none/', SIGNAL);
  return {
    store,
    proxy,
    createsSmall,
    sendsPiece: ({ method, path }) => method === 'PUT' && path.includes('partNumber=2'),
    createsLarge: completes,
    // Parts of an object that nobody has seen may be given up.
    deletes: ({ method, path }) =>
      (method === 'DELETE' && !path.includes('uploadId=')) || /[?&]delete(?:[&=]|$)/.test(path),
    forbidden: said(403, 'AccessDenied'),
    tooMany: said(503, 'SlowDown'),
    program: [PROGRAM, JSON.stringify(config)],
  };
});

test('a bucket that is not there stops the start, and names the setting', async (t) => {
  const endpoint = needServer(t, 's3');
  if (endpoint === '') return;
  const store = new S3Store(s3Config(endpoint, uniqueName('none').replace('_', '-')), quiet);
  t.after(() => store.stop());
  await assert.rejects(store.start('none/', SIGNAL), {
    name: 'ConfigError',
    code: 's3-bucket-missing',
    message: /^s3_bucket: /,
  });
});

test('whoever stops reading an object leaves no connection behind', async (t) => {
  const endpoint = needServer(t, 's3');
  if (endpoint === '') return;
  const store = new S3Store(s3Config(endpoint), quiet);
  t.after(() => store.stop());
  const object = await sampleObject(t, 8_000_000);
  await store.create(object, SIGNAL);
  const soon = AbortSignal.timeout(20_000);
  // More than a client may have at a time.
  for (let read = 0; read < 60; read++) {
    for await (const _part of store.read(object.name, soon)) break;
  }
  assert.ok(await store.stat(object.name, soon));
});

test('a bucket that goes away stops the sink, small objects and large ones', async (t) => {
  const endpoint = needServer(t, 's3');
  if (endpoint === '') return;
  const store = new S3Store(s3Config(endpoint, uniqueName('none').replace('_', '-')), quiet);
  t.after(() => store.stop());
  for (const size of [1000, 9_000_000]) {
    const creating = store.create(await sampleObject(t, size), SIGNAL);
    await assert.rejects(creating, { code: 's3-bucket-missing', action: 'stop' });
  }
});

test('a start tells whether rows are there, and one place from another', async (t) => {
  const world = await behindProxy(t);
  if (world === null) return;
  const { store, proxy, config } = world;
  const object = await sampleObject(t, 1000);
  const prefix = `${object.name.split('/')[0]}/`;
  const before = await store.start(prefix, SIGNAL);
  assert.equal(before.holdsRows, false);
  await store.create(object, SIGNAL);
  assert.deepEqual(await store.start(prefix, SIGNAL), { ...before, holdsRows: true });
  const other = new S3Store({ ...config, s3_prefix: `${uniqueName('other')}/` }, quiet);
  t.after(() => other.stop());
  const there = await other.start(prefix, SIGNAL);
  assert.equal(there.holdsRows, false);
  assert.notEqual(there.fingerprint, before.fingerprint);
  assert.deepEqual(proxy.fired, []);
});

for (const [request, path] of [
  ['PutObject', createsMarker],
  ['CompleteMultipartUpload', completesMarker],
] as const) {
  test(`a store that passes over If-None-Match of ${request} is refused at the start`, async (t) => {
    const world = await behindProxy(t);
    if (world === null) return;
    const { store, proxy } = world;
    await store.start('none/', SIGNAL);
    // What such a store says to a second creation.
    proxy.next(path, done(request));
    await assert.rejects(store.start('none/', SIGNAL), {
      code: 'conditional-writes-unsupported',
      message: new RegExp(request),
    });
    assert.equal(proxy.fired.length, 1);
  });
}

for (const [what, header] of [
  ['without CRC32C', 'x-amz-checksum-crc32c'],
  ['that keeps it of parts only', 'x-amz-checksum-type'],
] as const) {
  test(`a store ${what} is compared by MD5, small objects and large ones`, async (t) => {
    const world = await behindProxy(t, {
      answerHeaders: (headers) => ({ ...headers, [header]: undefined }),
    });
    if (world === null) return;
    const { store, proxy } = world;
    await store.start('none/', SIGNAL);
    for (const size of [1000, 9_000_000]) {
      const object = await sampleObject(t, size);
      assert.equal(await store.create(object, SIGNAL), 'created');
      assert.deepEqual(await store.stat(object.name, SIGNAL), { size, metadata: object.metadata });
    }
    const put = proxy.requests.findLast((request) => createsSmall(request));
    assert.ok(put?.headers['content-md5']);
    const part = proxy.requests.findLast(({ path }) => path.includes('partNumber=2'));
    assert.ok(part?.headers['content-md5']);
  });
}

test('a store that says that it has other bytes is not believed', async (t) => {
  const world = await behindProxy(t, {
    answerHeaders: (headers) =>
      headers['x-amz-checksum-crc32c'] === undefined
        ? headers
        : { ...headers, 'x-amz-checksum-crc32c': 'AAAAAA==' },
  });
  if (world === null) return;
  await world.store.start('none/', SIGNAL);
  const object = await sampleObject(t, 1000);
  const isCorrupt = { code: 'object-corrupt', action: 'stop' };
  await assert.rejects(world.store.create(object, SIGNAL), isCorrupt);
  // Nor by a process that has not seen how it came there.
  await assert.rejects(world.store.stat(object.name, SIGNAL), isCorrupt);
});

test('an answer that begins and stands still is given up', async (t) => {
  const world = await behindProxy(t);
  if (world === null) return;
  const { proxy, config } = world;
  const store = new S3Store(config, quiet, { idleMs: 2000 });
  t.after(() => store.stop());
  await store.start('none/', SIGNAL);
  proxy.next(completes, { ...xml(200, ''), kind: 'stall' });
  const object = await sampleObject(t, 9_000_000);
  assert.equal(await store.create(object, AbortSignal.timeout(15_000)), 'created');
  assert.equal(proxy.fired.length, 1);
});

test('a 200 with an error in it is no success', async (t) => {
  const world = await behindProxy(t);
  if (world === null) return;
  const { store, proxy } = world;
  await store.start('none/', SIGNAL);
  const object = await sampleObject(t, 9_000_000);
  proxy.next(completes, said(200, 'InternalError'), 3);
  await assert.rejects(store.create(object, SIGNAL), { code: 's3-unavailable', action: 'retry' });
  assert.equal(await store.stat(object.name, SIGNAL), null);
  assert.equal(await store.create(object, SIGNAL), 'created');
  assert.equal(proxy.fired.length, 3);
});

test('parts that are not put together are given up', async (t) => {
  const world = await behindProxy(t);
  if (world === null) return;
  const { store, proxy } = world;
  await store.start('none/', SIGNAL);
  const before = proxy.requests.length;
  proxy.next(({ path }) => path.includes('partNumber=2'), said(403, 'AccessDenied'));
  await assert.rejects(store.create(await sampleObject(t, 9_000_000), SIGNAL), {
    code: 's3-forbidden',
  });
  const since = proxy.requests.slice(before);
  assert.equal(
    since.filter(({ method, path }) => method === 'DELETE' && path.includes('uploadId=')).length,
    1,
  );
});

async function behindProxy(t: TestContext, options?: FaultProxyOptions) {
  const endpoint = needServer(t, 's3');
  if (endpoint === '') return null;
  const proxy = await faultProxy(t, endpoint, options);
  const config = s3Config(proxy.url);
  const store = new S3Store(config, quiet);
  t.after(() => store.stop());
  return { store, proxy, config };
}

function createsSmall({ method, path }: ProxiedRequest): boolean {
  return method === 'PUT' && !path.includes('partNumber=') && !path.includes('.scoreline');
}

function completes({ method, path }: ProxiedRequest): boolean {
  return method === 'POST' && path.includes('uploadId=') && !path.includes('.scoreline');
}

function createsMarker({ method, path }: ProxiedRequest): boolean {
  return method === 'PUT' && !path.includes('partNumber=') && path.includes('.scoreline');
}

function completesMarker({ method, path }: ProxiedRequest): boolean {
  return method === 'POST' && path.includes('uploadId=') && path.includes('.scoreline');
}

function said(status: number, code: string) {
  return xml(status, `<Error><Code>${code}</Code><Message>said</Message></Error>`);
}

function done(request: string) {
  return request === 'PutObject'
    ? ({ kind: 'answer', status: 200, headers: { etag: '"0"' } } as const)
    : xml(200, '<CompleteMultipartUploadResult><ETag>"0-1"</ETag></CompleteMultipartUploadResult>');
}

function xml(status: number, body: string) {
  const headers = { 'content-type': 'application/xml' };
  return { kind: 'answer', status, headers, body: `<?xml version="1.0"?>${body}` } as const;
}
