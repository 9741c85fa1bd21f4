import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { testKafka, testTopic } from '../testing/kafka.ts';

// K15 (tulios/kafkajs#1704): upstream sets a timer with a negative delay, which sets the next one, for ever.
test('an idle connection sets no timers', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka);
  const producer = kafka.producer({ maxInFlightRequests: 1 });
  await producer.connect();
  t.after(() => producer.disconnect());
  await producer.send({ topic, messages: [{ value: 'x' }] });

  const timers = t.mock.method(globalThis, 'setTimeout');
  await delay(500);
  const delays = timers.mock.calls.map((call) => Number(call.arguments[1]));
  timers.mock.restore();
  assert.deepEqual(
    delays.filter((ms) => ms <= 0),
    [],
    'timers that fire at once',
  );
});

test('requests that wait for others still go out', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka);
  const producer = kafka.producer({ maxInFlightRequests: 1 });
  await producer.connect();
  t.after(() => producer.disconnect());
  const sends = Array.from({ length: 50 }, (_, i) =>
    producer.send({ topic, messages: [{ value: String(i) }] }),
  );
  assert.equal((await Promise.all(sends)).length, 50);
});
