import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { faultProxy } from './fault-proxy.ts';
import { until } from './until.ts';

/** What the server has got, as far as it came. */
async function server(t: TestContext) {
  const bodies: string[] = [];
  const http = createServer((request, response) => {
    const at = bodies.push('') - 1;
    request.on('data', (chunk: Buffer) => {
      bodies[at] += chunk.toString();
    });
    request.on('end', () => response.setHeader('x-place', 'here').end('taken'));
    request.on('error', () => {});
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => {
    http.close();
    http.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, bodies };
}

const put = (url: string, body: string) => fetch(`${url}/one`, { method: 'PUT', body });

test('what no fault is meant for is passed on both ways', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url, {
    answerHeaders: (headers) => ({ ...headers, 'x-place': 'there' }),
  });
  proxy.next(({ method }) => method === 'GET', { kind: 'lose-answer' });
  const answer = await put(proxy.url, 'hello');
  assert.equal(await answer.text(), 'taken');
  assert.equal(answer.headers.get('x-place'), 'there');
  assert.deepEqual(bodies, ['hello']);
  assert.deepEqual(proxy.fired, []);
  assert.equal(proxy.requests.length, 1);
});

test('an answer is lost after the server has taken everything', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  proxy.next(() => true, { kind: 'lose-answer' });
  await assert.rejects(put(proxy.url, 'hello'));
  assert.deepEqual(bodies, ['hello']);
  assert.deepEqual(proxy.fired, ['lose-answer PUT /one']);
  assert.equal((await put(proxy.url, 'again')).status, 200);
});

test('a request is answered, and the server never hears of it', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  proxy.next(() => true, { kind: 'answer', status: 503, body: 'no' }, 2);
  for (let i = 0; i < 2; i++) {
    const answer = await put(proxy.url, 'hello');
    assert.deepEqual([answer.status, await answer.text()], [503, 'no']);
  }
  assert.deepEqual(bodies, []);
});

test('an answer begins and stands still', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  proxy.next(() => true, { kind: 'stall', status: 200, body: 'be' });
  const answer = await put(proxy.url, 'hello');
  const reader = answer.body!.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value as Uint8Array), 'be');
  const more = reader.read();
  proxy.dropAll();
  await assert.rejects(more, /terminated/);
  assert.deepEqual(bodies, []);
});

test('an answer never comes, though the server has given it', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  const controller = new AbortController();
  proxy.next(
    () => true,
    () => ({ kind: 'silence' }),
  );
  const { signal } = controller;
  const silent = fetch(`${proxy.url}/one`, { method: 'PUT', body: 'hello', signal });
  silent.catch(() => {});
  await until(() => proxy.fired.length === 1, { what: 'the answer', everyMs: 5 });
  assert.deepEqual(bodies, ['hello']);
  assert.equal((await put(proxy.url, 'again')).status, 200);
  controller.abort();
  await assert.rejects(silent, { name: 'AbortError' });
});

test('a request is late', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  let release = () => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  proxy.next(() => true, { kind: 'delay', until });
  const late = put(proxy.url, 'late');
  await put(proxy.url, 'hello');
  assert.deepEqual(bodies, ['hello']);
  assert.deepEqual(proxy.fired, ['delay PUT /one']);
  release();
  assert.equal(await (await late).text(), 'taken');
  assert.deepEqual(bodies, ['hello', 'late']);
});

test('what is cut off or held before its first byte the server never hears of', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  proxy.next(() => true, { kind: 'cut', afterBytes: 0 });
  await assert.rejects(put(proxy.url, 'hello'));
  proxy.next(() => true, { kind: 'hold', afterBytes: 0 });
  const controller = new AbortController();
  const held = fetch(`${proxy.url}/one`, { signal: controller.signal });
  held.catch(() => {});
  await until(() => proxy.fired.length === 2, { what: 'a request that is held', everyMs: 5 });
  controller.abort();
  await assert.rejects(held);
  assert.equal((await put(proxy.url, 'again')).status, 200);
  assert.deepEqual(bodies, ['again']);
});

test('a body is cut off, held, or damaged at its byte', async (t) => {
  const { url, bodies } = await server(t);
  const proxy = await faultProxy(t, url);
  proxy.next(() => true, { kind: 'cut', afterBytes: 2 });
  await assert.rejects(put(proxy.url, 'hello'));
  await until(() => bodies[0] === 'he', { what: 'two bytes', everyMs: 5 });
  assert.deepEqual(proxy.fired, ['cut PUT /one']);
  proxy.next(() => true, { kind: 'damage', atByte: 1 });
  await put(proxy.url, 'hello');
  assert.equal(bodies[1], 'hdllo');
  const controller = new AbortController();
  proxy.next(() => true, { kind: 'hold', afterBytes: 3 });
  const held = fetch(`${proxy.url}/one`, {
    method: 'PUT',
    body: 'hello',
    signal: controller.signal,
  });
  await until(() => bodies[2] === 'hel', { what: 'three bytes', everyMs: 5 });
  controller.abort();
  await assert.rejects(held);
  assert.equal(bodies[2], 'hel');
});
