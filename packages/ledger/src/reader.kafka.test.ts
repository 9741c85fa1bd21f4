import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { createLog } from '@scoreline/service';
import { until } from '@scoreline/testing';

import { bucketMessage } from './bucket-codec.ts';
import { Bucket } from './bucket.ts';
import { CapturedIds } from './captured-ids.ts';
import { checkpointMessage, fenceMessage } from './codec.ts';
import type { LedgerMessage } from './message.ts';
import { readLedger, readLedgerUuid } from './reader.ts';
import { readLedgerSnapshot } from './snapshot.ts';
import { checkpoint } from './testing/checkpoints.ts';
import { testLedger } from './testing/test-ledger.ts';

const log = createLog('test', { log_level: 'silent' });
const fence = (uuid: string): LedgerMessage => fenceMessage(uuid, { atMs: 0, host: 'test' });
const signal = new AbortController().signal;

test('a ledger is read up to the fence: the last committed checkpoint, and without a group', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const [uuid, last] = [randomUUID(), randomUUID()];
  await ledger.write([fence(randomUUID())]);
  for (const offset of [100, 200, 300]) {
    await ledger.write([checkpointMessage(checkpoint(uuid, offset))]);
  }
  await ledger.write([checkpointMessage(checkpoint(uuid, 400))], 'abort');
  await ledger.write([fence(last)]);
  await ledger.write([checkpointMessage(checkpoint(uuid, 500))]);
  const state = await readLedger(kafka, topic, last, { signal });
  assert.deepEqual(state.checkpoint, checkpoint(uuid, 300));
  assert.equal(state.records, 5);
  assert.equal(state.captured.count, 0);
  assert.equal(ledger.consumers(), 0);
});

test('of a bucket that was written again and again the last state counts', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const uuid = randomUUID();
  const written = new CapturedIds();
  for (let id = 1; id <= 200_000; id += 50_000) {
    for (let row = 0; row < 50_000; row++) written.add(id + row);
    for (const { number } of written.changed) {
      written.wrote(number, 'log_scores-v1', 1, id, id + 50_000);
    }
    await ledger.write([...written.changed].map(bucketMessage));
    written.committed();
  }
  const lost = new Bucket(3);
  lost.captured.add(0);
  await ledger.write([bucketMessage(lost)], 'abort');
  await ledger.write([fence(uuid)]);
  const { captured } = await readLedger(kafka, topic, uuid, { signal });
  assert.equal(captured.count, 200_000);
  assert.equal(captured.maxId, 200_000);
  assert.deepEqual(
    [...captured.buckets.keys()].toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  );
  assert.deepEqual(captured.buckets.get(1)!.offsets, written.buckets.get(1)!.offsets);
});

test('a ledger with a fence alone has no checkpoint', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const uuid = randomUUID();
  await ledger.write([fence(uuid)]);
  assert.equal((await readLedger(kafka, topic, uuid, { signal })).checkpoint, null);
});

test('a fence that does not come ends the wait with an error', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  await ledger.write([fence(randomUUID())]);
  const options = { signal, timeoutMs: 700 };
  await assert.rejects(readLedger(kafka, topic, randomUUID(), options), {
    code: 'ledger-unread',
    action: 'retry',
    message: new RegExp(`ledger ${topic} cannot be read`),
  });
  assert.equal(ledger.consumers(), 0);
});

test('a record that is not known stops the reader, and is named by its offset', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const uuid = randomUUID();
  await ledger.write([{ key: Buffer.from('shard:0'), value: Buffer.from([9]) }, fence(uuid)]);
  await assert.rejects(readLedger(kafka, topic, uuid, { signal }), {
    code: 'ledger-unknown',
    action: 'stop',
    message: new RegExp(`${topic}\\[0\\] offset 0 is not understood: its key is "shard:0"`),
  });
});

test('a sink that starts first waits for the ledger, makes no topic, and is told its uuid', async (t) => {
  const ledger = await testLedger(t, { isCreated: false });
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const warnings: string[] = [];
  const told = log.child({});
  t.mock.method(told, 'warn', (_fields: object, message: string) => void warnings.push(message));
  const uuid = randomUUID();
  const options = { signal, log: told, timeoutMs: 500 };
  const waiting = readLedgerUuid(kafka, topic, options);
  await until(() => warnings.length > 0, { what: 'a word about the wait' });
  assert.equal(warnings[0], `waiting for capture to begin ${topic} failed; trying again`);
  const admin = kafka.admin();
  await admin.connect();
  assert.ok(!(await admin.listTopics()).includes(topic));
  await admin.disconnect();
  await ledger.create();
  await ledger.write([fence(randomUUID())]);
  await delay(100);
  await ledger.write([checkpointMessage(checkpoint(uuid))]);
  assert.equal(await waiting, uuid);
  assert.equal(ledger.consumers(), 0);
});

test('a wait ends when the service stops', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const stopping = new AbortController();
  const options = { signal: stopping.signal };
  const reading = readLedger(kafka, topic, randomUUID(), options);
  const waiting = readLedgerUuid(kafka, topic, { ...options, log });
  const ended = Promise.allSettled([reading, waiting]);
  await delay(300);
  stopping.abort(new Error('stopping'));
  for (const result of await ended) {
    assert.equal(result.status, 'rejected');
    assert.equal((result.reason as Error).message, 'stopping');
  }
  assert.equal(ledger.consumers(), 0);
});

test('a snapshot has what was committed when it began, whole transactions only', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const uuid = randomUUID();
  const captured = new CapturedIds();
  const bucketOf = (id: number): LedgerMessage => {
    captured.add(id);
    const [message] = [...captured.changed].map(bucketMessage);
    captured.committed();
    return message!;
  };
  await ledger.write([fence(randomUUID())]);
  await ledger.write([bucketOf(5), checkpointMessage(checkpoint(uuid, 100))]);
  await ledger.write([bucketOf(6), checkpointMessage(checkpoint(uuid, 200))], 'abort');
  await ledger.write([fence(randomUUID())]);
  // As much of a transaction as was written when the snapshot began.
  await ledger.write([bucketOf(7)]);
  const state = await readLedgerSnapshot(kafka, topic, { signal });
  assert.deepEqual(state.checkpoint, checkpoint(uuid, 100));
  assert.deepEqual(
    [5, 6, 7].map((id) => state.captured.has(id)),
    [true, false, false],
  );
  assert.equal(ledger.consumers(), 0);

  const fresh = await testLedger(t);
  const none = await readLedgerSnapshot(fresh!.kafka, fresh!.topic, { signal });
  assert.equal(none.checkpoint, null);
});
