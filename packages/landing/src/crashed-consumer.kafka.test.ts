import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { PermanentError } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';
import kafkajs from 'kafkajs';

import { MemorySink, pipeline, startSink } from './testing/index.ts';

const require = createRequire(import.meta.url);
const { prototype: broker } = require('kafkajs/src/broker/index.js') as {
  prototype: { fetch: (this: unknown, request: unknown) => Promise<unknown> };
};

// K13: kafkajs tells of a consumer that it has given up by an event, and by nothing else.
test('a consumer that kafkajs has given up ends the sink, also while nothing is to be done', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, 101);
  const running = await startSink(t, new MemorySink(), p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  let ended: Error | undefined;
  running.done.catch((error: unknown) => (ended = error as Error));
  t.mock.method(broker, 'fetch', async () => {
    throw new kafkajs.KafkaJSNonRetriableError('nobody retries this');
  });
  const error = await until(() => ended, { what: 'the end of the sink', timeoutMs: 20_000 });
  assert.match(error.message, /nobody retries this/);
  assert.equal(await p.lag('memory'), 0);
});

// K16: a broker compresses again whatever the topic says, with codecs that kafkajs has not.
test('batches that the broker has compressed end the sink, which says what to set', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const sink = new MemorySink();
  const running = await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  let ended: unknown;
  running.done.catch((error: unknown) => (ended = error));
  await p.admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: p.topic,
        configEntries: [{ name: 'compression.type', value: 'lz4' }],
      },
    ],
  });
  await p.produceIds(1, 101);
  const error = await until(() => ended, { what: 'the end of the sink' });
  assert.ok(error instanceof PermanentError, inspect(error));
  assert.equal(error.code, 'compression-unknown');
  assert.match(error.remedy ?? '', /compression\.type=producer/);
  assert.deepEqual(sink.destination.written, []);
});
