import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniqueName } from '@scoreline/testing';

import { internal, protocolError, readAll, testKafka, testTopic } from '../testing/kafka.ts';

interface Broker {
  readonly addPartitionsToTxn: (this: Broker, request: object) => Promise<unknown>;
}

// EndTxn is answered before its markers are written, and until they are the next transaction is
// refused. Upstream fails it, or with retries sends everything again 300 ms later.
test('a transaction waits until the markers of the one before are written, and sends once', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, 3);
  const transactionalId = uniqueName('test_row');
  const producer = kafka.producer({ transactionalId, retry: { retries: 0 } });
  await producer.connect();
  t.after(() => producer.disconnect());

  // A broker that is faster than we are would prove nothing: the first answers come from here.
  const { prototype } = internal('broker') as { prototype: Broker };
  const { addPartitionsToTxn } = prototype;
  let refusals = 0;
  t.mock.method(prototype, 'addPartitionsToTxn', async function add(this: Broker, request: object) {
    if (refusals++ % 4 < 3) {
      throw protocolError('CONCURRENT_TRANSACTIONS');
    }
    return addPartitionsToTxn.call(this, request);
  });
  const messages = [0, 1, 2].map((partition) => ({ partition, value: 'v' }));
  const tookMs: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages });
    await transaction.commit();
    tookMs.push(performance.now() - began);
  }
  // The broker may have refused some too.
  assert.ok(refusals >= 20);
  assert.ok(Math.min(...tookMs) < 300, `transactions took ${tookMs.join(', ')} ms`);
  assert.deepEqual(
    (await readAll(kafka, topic)).map((records) => records.length),
    [5, 5, 5],
  );
});
