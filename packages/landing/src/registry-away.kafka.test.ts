import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { LOG_SCORE_V1_JSON } from '@scoreline/schema';
import { needServer, until } from '@scoreline/testing';

import { MemorySink, pipeline, startSink } from './testing/index.ts';

/** A registry that answers everything with a status, until it is there. */
async function registry(t: TestContext, status: number) {
  let isThere = false;
  const server: Server = createServer((request, response) => {
    response.statusCode = isThere ? 200 : status;
    const answer = request.url === '/schemas/types' ? ['AVRO'] : { schema: LOG_SCORE_V1_JSON };
    response.end(JSON.stringify(isThere ? answer : {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comesBack: () => {
      isThere = true;
    },
  };
}

test('a registry that is away at a start is waited for, and named in the meantime', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers);
  await p.produceIds(1, 101);
  const { url, comesBack } = await registry(t, 503);
  const sink = new MemorySink();
  const { landing } = await startSink(t, sink, { ...p.config, schema_registry_url: url });
  const why = await until(() => {
    const reason = landing.notReady?.() ?? '';
    return reason.includes(url) ? reason : null;
  });
  assert.match(why, /^waiting for the schema registry: schema_registry_url: .* does not answer/);
  assert.equal(await p.lag('memory'), null, 'it is no member yet');
  comesBack();
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.equal(sink.destination.ids().length, 100);
  assert.equal(landing.notReady?.(), null);
});

test('a sink that waits for the registry can be stopped', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers);
  const { url } = await registry(t, 503);
  const running = await startSink(t, new MemorySink(), { ...p.config, schema_registry_url: url });
  await until(() => running.landing.notReady?.()?.includes(url));
  await running.stop();
  await running.done;
});

test('a registry that refuses at a start stops the sink', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers);
  const { url } = await registry(t, 401);
  const { done } = await startSink(t, new MemorySink(), { ...p.config, schema_registry_url: url });
  await assert.rejects(done, { code: 'registry-refused', exitCode: 2 });
});
