import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FencingWriter } from './fencing-writer.ts';
import { PartitionReader } from './partition-reader.ts';
import { testKafka, testTopic } from './testing/kafka.ts';

const { signal } = new AbortController();

test('whoever opens a writer reads all that others have written, and they write no more', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka);
  const options = { topic, transactionalId: topic };
  const [first, second] = [new FencingWriter(kafka, options), new FencingWriter(kafka, options)];
  const reader = new PartitionReader(kafka, { topic, partition: 0 }, 10_000);
  t.after(() => Promise.all([first.close(), second.close(), reader.close()]));
  const values = async (from: bigint): Promise<string[]> => {
    const { end } = await reader.bounds(signal);
    const found: string[] = [];
    await reader.read(from, signal, (messages, next) => {
      found.push(...messages.map(({ value }) => value!.toString()));
      return next >= end;
    });
    return found;
  };
  await first.open(signal);
  assert.equal(await first.write([{ value: 'a' }, { value: 'b' }], signal), 0n);
  assert.equal(await first.write([{ value: 'c' }], signal), 3n, 'behind the marker');
  await second.open(signal);
  // Without waiting: a commit is answered before it can be read, but not by whom it fences.
  assert.deepEqual(await values(0n), ['a', 'b', 'c']);
  assert.deepEqual(await values(1n), ['b', 'c']);
  await assert.rejects(first.write([{ value: 'd' }], signal), { code: 'producer-fenced' });
  await assert.rejects(first.write([{ value: 'd' }], signal), { code: 'kafka-send' });
  assert.equal(await second.write([{ value: 'e' }], signal), 5n);
  await first.open(signal);
  assert.deepEqual(await values(3n), ['c', 'e']);
});

test('a topic that is not there is told, and not made', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = `${await testTopic(t, kafka)}-missing`;
  const writer = new FencingWriter(kafka, { topic, transactionalId: topic });
  t.after(() => writer.close());
  await writer.open(signal);
  await assert.rejects(writer.write([{ value: 'a' }], signal), {
    code: 'kafka-send',
    message: /UNKNOWN_TOPIC_OR_PARTITION/,
  });
});
