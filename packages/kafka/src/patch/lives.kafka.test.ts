import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniqueName } from '@scoreline/testing';

import { finished, spied, walkAll } from '../testing/batches.ts';
import { readAll, testKafka, testTopic } from '../testing/kafka.ts';

const PARTITIONS = 6;
const LIVES = 4;
const TRANSACTIONS = 15;

test('what several lives of one transactional id commit is there exactly once, in order', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, PARTITIONS);
  const transactionalId = uniqueName('test_lives');
  const committed = Array.from({ length: PARTITIONS }, (): string[] => []);
  const epochs: number[] = [];
  let count = 0;
  for (let life = 0; life < LIVES; life++) {
    const producer = kafka.producer({ transactionalId, retry: { retries: 0 } });
    await producer.connect();
    for (let i = 0; i < TRANSACTIONS; i++) {
      const isAborted = i % 7 === 3;
      const isLeftOpen = i === TRANSACTIONS - 1 && life < LIVES - 1;
      const transaction = await producer.transaction();
      for (let send = 0; send < 1 + (i % 3); send++) {
        const sent = [];
        for (let partition = 0; partition < PARTITIONS; partition++) {
          if ((i + partition + send) % 5 === 0) continue;
          const values = Array.from({ length: 1 + ((i * 7 + partition) % 20) }, () => `${count++}`);
          if (!isAborted && !isLeftOpen) committed[partition]!.push(...values);
          sent.push(spied(finished(partition, values)));
        }
        await transaction.send({ topic, messages: sent.map(({ batch }) => batch) });
        assert.ok(sent.every(({ headers }) => headers.length === 1));
        epochs[life] = sent[0]!.headers[0]!.producerEpoch;
      }
      if (isLeftOpen) break; // the next life fences it, which aborts
      await (isAborted ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
  }
  const read = await readAll(kafka, topic, { rawRecordBatches: true });
  for (let partition = 0; partition < PARTITIONS; partition++) {
    assert.deepEqual(
      walkAll(read[partition]!).map(({ value }) => value),
      committed[partition],
    );
  }
  assert.deepEqual(
    epochs,
    [...epochs].sort((a, b) => a - b),
  );
});
