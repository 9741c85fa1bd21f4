import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniqueName } from '@scoreline/testing';
import type { KafkaMessage, Transaction } from 'kafkajs';

import { LONG_AGO_MS, walkAll } from '../testing/batches.ts';
import { readAll, testKafka, testTopic } from '../testing/kafka.ts';

// K22: the broker lists aborted transactions by their ends, upstream takes the list to be by their
// beginnings, and delivers records of those that began within others.
test('read_committed shows exactly the committed records, however transactions overlap', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka);
  const [a, b] = ['a', 'b'].map((name) =>
    kafka.producer({ transactionalId: uniqueName(`test_${name}`), retry: { retries: 0 } }),
  ) as [ReturnType<typeof kafka.producer>, ReturnType<typeof kafka.producer>];
  const plain = kafka.producer();
  for (const producer of [a, b, plain]) {
    await producer.connect();
    t.after(() => producer.disconnect());
  }
  const committed: string[] = [];
  let count = 0;
  const send = async (
    to: Pick<Transaction, 'send'>,
    isKept: boolean,
    key = 'key',
  ): Promise<void> => {
    const messages = [0, 1, 2].map(() => ({
      partition: 0,
      key,
      value: `${isKept ? 'kept' : 'gone'} ${count++}`,
      timestamp: String(LONG_AGO_MS),
    }));
    await to.send({ topic, messages });
    if (isKept) committed.push(...messages.map(({ value }) => value));
  };
  for (const endOfA of ['abort', 'commit'] as const) {
    for (const endOfB of ['abort', 'commit'] as const) {
      const first = await a.transaction();
      await send(first, endOfA === 'commit');
      await send(plain, true);
      const second = await b.transaction();
      await send(second, endOfB === 'commit');
      await send(first, endOfA === 'commit');
      await send(second, endOfB === 'commit');
      await second[endOfB]();
      await send(first, endOfA === 'commit');
      await first[endOfA]();
    }
  }
  // Upstream takes the key for an abort marker.
  const looksLikeMarker = await a.transaction();
  await send(looksLikeMarker, false, '\0\0\0\0');
  await send(looksLikeMarker, false);
  await looksLikeMarker.abort();
  await send(plain, true);

  const records = (await readAll(kafka, topic))[0]!;
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    committed,
    'records of aborted transactions are shown, or others are not',
  );
  for (const maxBytes of [10_000_000, 200]) {
    const options = { rawRecordBatches: true, maxBytes, maxBytesPerPartition: maxBytes };
    const batches: KafkaMessage[] = (await readAll(kafka, topic, options))[0]!;
    assert.deepEqual(
      walkAll(batches).map(({ value }) => value),
      committed,
      `raw batches, ${maxBytes} bytes a fetch`,
    );
  }
});
