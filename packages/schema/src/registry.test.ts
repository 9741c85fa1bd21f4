import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { LOG_SCORE_V1_JSON } from './log-score.ts';
import { RegistryError } from './registry-error.ts';
import { SchemaRegistry } from './registry.ts';

type Answer = readonly [status: number, body: unknown];

interface Asked {
  readonly request: string;
  readonly authorization: string | undefined;
}

const LOOK_UP = 'POST /subjects/t-value';
const REGISTER = 'POST /subjects/t-value/versions';
const LEVEL = 'GET /config/t-value';
const SET_LEVEL = 'PUT /config/t-value';
const UNKNOWN: Answer = [404, { error_code: 40401, message: 'Subject not found' }];

/** A registry whose answers a test writes down: the last one of each request is repeated. */
async function registry(t: TestContext, answers: Readonly<Record<string, readonly Answer[]>>) {
  const asked: Asked[] = [];
  const left = new Map(Object.entries(answers).map(([request, list]) => [request, [...list]]));
  const server = createServer((request: IncomingMessage, response) => {
    const name = `${request.method} ${request.url}`;
    asked.push({ request: name, authorization: request.headers.authorization });
    const list = left.get(name) ?? [[404, 'nothing here'] as const];
    const [status, body] = (list.length > 1 ? list.shift() : list[0])!;
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.after(stop);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, stop };
}

function error(kind: RegistryError['kind'], message: RegExp, remedy: RegExp) {
  return (thrown: unknown): boolean =>
    thrown instanceof RegistryError &&
    thrown.kind === kind &&
    message.test(thrown.message) &&
    remedy.test(thrown.remedy);
}

test('a new schema is registered, and its subject set to BACKWARD', async (t) => {
  const { url, asked } = await registry(t, {
    [LOOK_UP]: [UNKNOWN],
    [REGISTER]: [[200, { id: 7 }]],
    [LEVEL]: [UNKNOWN, [200, { compatibilityLevel: 'BACKWARD' }]],
    [SET_LEVEL]: [[200, { compatibility: 'BACKWARD' }]],
  });
  const client = new SchemaRegistry({ url });
  assert.equal(await client.register('t-value', LOG_SCORE_V1_JSON), 7);
  const requests = asked.map(({ request }) => request);
  assert.deepEqual(requests, [LOOK_UP, REGISTER, LEVEL, SET_LEVEL, LEVEL]);
});

test('a schema that is there is not registered again, nor a stricter level loosened', async (t) => {
  const { url, asked } = await registry(t, {
    [LOOK_UP]: [[200, { id: 7 }]],
    [LEVEL]: [[200, { compatibilityLevel: 'FULL' }]],
  });
  assert.equal(await new SchemaRegistry({ url }).register('t-value', LOG_SCORE_V1_JSON), 7);
  assert.deepEqual(
    asked.map(({ request }) => request),
    [LOOK_UP, LEVEL],
  );
});

test('a subject that checks nothing is set right; one that stays so is refused', async (t) => {
  const none: Answer = [200, { compatibilityLevel: 'NONE' }];
  const { url } = await registry(t, {
    [LOOK_UP]: [[200, { id: 7 }]],
    [LEVEL]: [none],
    [SET_LEVEL]: [[200, {}]],
  });
  await assert.rejects(
    new SchemaRegistry({ url }).register('t-value', LOG_SCORE_V1_JSON),
    error('refused', /keeps compatibility NONE for t-value/, /Set the compatibility/),
  );
});

const REFUSALS: readonly [status: number, RegExp, RegExp][] = [
  [409, /refuses registering t-value: 409 it is incompatible/, /topic_prefix/],
  [422, /refuses registering t-value: 422 it is incompatible/, /topic_prefix/],
  [401, /refuses registering t-value: 401/, /schema_registry_username/],
  [403, /refuses registering t-value: 403/, /schema_registry_password/],
];

for (const [status, message, remedy] of REFUSALS) {
  test(`${status} is a refusal in the registry’s own words`, async (t) => {
    const answer: Answer = [status, { error_code: status, message: 'it is incompatible' }];
    const { url } = await registry(t, { [LOOK_UP]: [UNKNOWN], [REGISTER]: [answer] });
    await assert.rejects(
      new SchemaRegistry({ url }).register('t-value', LOG_SCORE_V1_JSON),
      error('refused', message, remedy),
    );
  });
}

test('trouble that may pass is unavailability, and the next attempt works', async (t) => {
  const { url } = await registry(t, {
    [LOOK_UP]: [
      [500, 'oops'],
      [503, { message: 'starting' }],
      [429, ''],
      [200, { id: 7 }],
    ],
    [LEVEL]: [[200, { compatibilityLevel: 'BACKWARD' }]],
  });
  const client = new SchemaRegistry({ url });
  for (const message of [/500 oops/, /503 starting/, /429/]) {
    await assert.rejects(
      client.register('t-value', LOG_SCORE_V1_JSON),
      error('unavailable', message, /schema_registry_url/),
    );
  }
  assert.equal(await client.register('t-value', LOG_SCORE_V1_JSON), 7);
});

test('something else that listens there is no registry', async (t) => {
  const { url } = await registry(t, {});
  await assert.rejects(
    new SchemaRegistry({ url }).register('t-value', LOG_SCORE_V1_JSON),
    error('refused', /404 nothing here/, /schema_registry_url is the base/),
  );
});

test('nobody there is unavailability, and names no password', async (t) => {
  const { url, stop } = await registry(t, {});
  await stop();
  const secret = url.replace('//', '//me:hush@');
  await assert.rejects(
    new SchemaRegistry({ url: secret }).schemaById(1),
    (thrown) =>
      error('unavailable', /ECONNREFUSED/, /schema_registry_url/)(thrown) &&
      !(thrown as Error).message.includes('hush'),
  );
});

test('credentials are sent, from the options or else from the URL', async (t) => {
  const { url, asked } = await registry(t, { 'GET /schemas/ids/1': [[200, { schema: '"long"' }]] });
  const inUrl = url.replace('//', '//me:p%40ss@');
  await new SchemaRegistry({ url }).schemaById(1);
  await new SchemaRegistry({ url, username: 'you', password: 'word' }).schemaById(1);
  await new SchemaRegistry({ url: inUrl }).schemaById(1);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.deepEqual(
    asked.map(({ authorization }) => authorization),
    [undefined, basic('you:word'), basic('me:p@ss')],
  );
});

test('a schema is asked for once; an outage afterwards changes nothing', async (t) => {
  const { url, asked, stop } = await registry(t, {
    'GET /schemas/ids/3': [[200, { schema: LOG_SCORE_V1_JSON }]],
    [LOOK_UP]: [[200, { id: 7 }]],
    [LEVEL]: [[200, { compatibilityLevel: 'BACKWARD' }]],
  });
  const client = new SchemaRegistry({ url });
  await client.schemaById(3);
  await client.register('t-value', LOG_SCORE_V1_JSON);
  const requests = asked.length;
  await stop();
  assert.deepEqual(await client.schemaById(3), { id: 3, json: LOG_SCORE_V1_JSON });
  assert.equal((await client.schemaById(7)).json, LOG_SCORE_V1_JSON);
  assert.equal(asked.length, requests);
});

test('an id that the registry does not know, or knows as no Avro, is refused', async (t) => {
  const { url } = await registry(t, {
    'GET /schemas/ids/1': [[404, { error_code: 40403, message: 'Schema not found' }]],
    'GET /schemas/ids/2': [[200, { schema: '{}', schemaType: 'JSON' }]],
  });
  for (const id of [1, 2]) {
    await assert.rejects(
      new SchemaRegistry({ url }).schemaById(id),
      error('refused', new RegExp(`no Avro schema ${id}`), /registry that capture/),
    );
  }
});

test('a stop interrupts a registry that does not answer', async (t) => {
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = new AbortController();
  const asking = new SchemaRegistry({ url }).schemaById(1, stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(asking, { name: 'AbortError' });
});
