import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { testClient } from '@scoreline/kafka/testing';
import { KafkaProxy, needServer, until } from '@scoreline/testing';
import kafkajs from 'kafkajs';

import { auditsMessage } from './audit.ts';
import { bucketMessage } from './bucket-codec.ts';
import { CapturedIds } from './captured-ids.ts';
import { checkpointMessage, fenceMessage } from './codec.ts';
import { LedgerView } from './ledger-view.ts';
import type { LedgerMessage } from './message.ts';
import { reconcileRequestMessage } from './reconcile-request.ts';
import { rosterMessage } from './roster.ts';
import { readLedgerSnapshot } from './snapshot.ts';
import { checkpoint } from './testing/checkpoints.ts';
import { fingerprint } from './testing/fingerprint.ts';
import { testLedger } from './testing/test-ledger.ts';

const { signal } = new AbortController();
const roster = (name: string): LedgerMessage =>
  rosterMessage([{ name, state: 'active', dest: null, changes: [] }]);
const request = (from: number): LedgerMessage =>
  reconcileRequestMessage({ from, to: from, atMs: 1, by: 'test' });

/** What capture writes in one transaction for an id. */
function captures(uuid = randomUUID()) {
  const captured = new CapturedIds();
  let offset = 0;
  return {
    uuid,
    capture: (...ids: number[]): [...LedgerMessage[], LedgerMessage] => {
      for (const id of ids) captured.add(id);
      const buckets = [...captured.changed].map(bucketMessage);
      captured.committed();
      offset += 100;
      return [...buckets, checkpointMessage(checkpoint(uuid, offset))];
    },
  };
}

test('a view has what is committed when a refresh begins, whole transactions only', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const { capture } = captures();
  const view = new LedgerView(kafka, topic);
  t.after(() => view.close());
  const other = await ledger.producer('roster');
  const seen = async () => {
    const { checkpoint: at, captured, roster: sinks } = await view.refresh(signal);
    const ids = [5, 6, 7].filter((id) => captured.has(id));
    return [at?.position.offset ?? null, ids, sinks.map(({ name }) => name)];
  };
  const comes = (expected: unknown) =>
    until(async () => isDeepStrictEqual(await seen(), expected), {
      what: JSON.stringify(expected),
      timeoutMs: 10_000,
      everyMs: 5,
    });
  assert.equal(view.readAtMs, null);
  assert.deepEqual(await seen(), [null, [], []]);
  await ledger.write([fenceMessage(randomUUID(), { atMs: 0, host: 'test' })]);
  await ledger.write(capture(5));
  assert.deepEqual(await seen(), [100, [5], []]);

  // Rows that are open hold up what others write behind them.
  const open = await (await ledger.producer('capture')).transaction();
  const [bucket, end] = capture(6);
  await open.send({ topic, messages: [bucket] });
  const first = await other.transaction();
  await first.send({ topic, messages: [roster('first')] });
  await first.commit();
  assert.deepEqual(await seen(), [100, [5], []]);

  // And what others have open ends a read between a bucket and its checkpoint.
  const second = await other.transaction();
  await second.send({ topic, messages: [roster('second')] });
  await open.send({ topic, messages: [end!] });
  await open.commit();
  await comes([100, [5], ['first']]);
  await second.abort();
  await comes([200, [5, 6], ['first']]);

  const before = await view.refresh(signal);
  await ledger.write(capture(7), 'abort');
  await ledger.write(capture(7));
  assert.ok(!before.captured.has(7));
  assert.deepEqual(await seen(), [400, [5, 6, 7], ['first']]);
  assert.ok(!before.captured.has(7), 'what was handed out does not change');
  assert.equal(ledger.consumers(), 0);
});

test('whatever was written between refreshes, a view knows what a snapshot does', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const { capture } = captures();
  const view = new LedgerView(kafka, topic);
  t.after(() => view.close());
  const other = await ledger.producer('other');
  const messages = [
    () => roster(randomUUID()),
    () => request(Math.floor(Math.random() * 1_000)),
    () => auditsMessage({ sink: randomUUID().slice(0, 1), audits: [] }),
  ];
  const steps: string[] = [];
  const does = (chance: number) => Math.random() < chance;
  let id = 1;
  for (let step = 0; step < 50; step++) {
    const transaction = await (await ledger.producer('capture')).transaction();
    const [end, ...buckets] = capture((id += 30_000), id + 1).toReversed();
    for (const message of buckets) {
      await transaction.send({ topic, messages: [message] });
      if (!does(0.3)) continue;
      const beside = await other.transaction();
      await beside.send({ topic, messages: [messages[step % messages.length]!()] });
      if (does(0.5)) await view.refresh(signal);
      await beside[does(0.3) ? 'abort' : 'commit']();
      steps.push(`beside ${step}`);
    }
    await transaction.send({ topic, messages: [end!] });
    const isAborted = does(0.2);
    await transaction[isAborted ? 'abort' : 'commit']();
    steps.push(`${isAborted ? 'aborted' : 'committed'} ${id}`);
    if (does(0.3)) await view.refresh(signal);
  }
  // It waits for transactions that are not over yet.
  const snapshot = await readLedgerSnapshot(kafka, topic, { signal });
  const followed = await view.refresh(signal);
  assert.deepEqual(fingerprint(followed), fingerprint(snapshot), steps.join('\n'));
  assert.equal(followed.records, snapshot.records);
});

test('refreshes without news cost a look at the end: nothing is fetched, nobody connects', async (t) => {
  const brokers = needServer(t, 'kafka');
  const ledger = await testLedger(t);
  if (!ledger) return;
  await ledger.write(captures().capture(5));
  const proxy = await KafkaProxy.create(brokers);
  const view = new LedgerView(testClient(proxy.address), ledger.topic);
  t.after(async () => {
    await view.close();
    await proxy.close();
  });
  const requests: number[] = [];
  proxy.judge = ({ apiKey }) => {
    requests.push(apiKey);
    return 'pass';
  };
  const first = await view.refresh(signal);
  assert.ok(requests.includes(FETCH));
  requests.length = 0;
  for (let i = 0; i < 5; i++) assert.equal(await view.refresh(signal), first);
  assert.deepEqual(new Set(requests), new Set([LIST_OFFSETS, METADATA]));
  assert.ok(requests.length <= 15, `${requests.length} requests`);

  proxy.sever();
  await assert.rejects(view.refresh(signal), { code: 'ledger-unread', action: 'retry' });
  proxy.restore();
  assert.equal(await view.refresh(signal), first);
});

const FETCH = 1;
const LIST_OFFSETS = 2;
const METADATA = 3;

test('what compaction takes away between two refreshes is not missed', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const admin = kafka.admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
  const configs = { 'cleanup.policy': 'compact', 'segment.ms': '50', 'delete.retention.ms': '0' };
  const configEntries = Object.entries({ ...configs, 'min.cleanable.dirty.ratio': '0.01' });
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      { ...resource, configEntries: configEntries.map(([name, value]) => ({ name, value })) },
    ],
  });
  const { capture } = captures();
  const view = new LedgerView(kafka, topic);
  t.after(() => view.close());
  await ledger.write(capture(5));
  const { records } = await view.refresh(signal);
  assert.equal(records, 2);
  let id = 6;
  await until(
    async () => {
      await ledger.write(capture(id++));
      const { messages } = await admin.fetchPartition({
        topic,
        partition: 0,
        offset: '0',
        maxBytes: 1_000_000,
        maxWaitTimeInMs: 10,
      });
      return Number(messages[0]?.offset) > 1;
    },
    { what: 'compaction of the last record that the view has', everyMs: 200 },
  );
  const followed = await view.refresh(signal);
  assert.ok(followed.captured.has(id - 1));
  const snapshot = await readLedgerSnapshot(kafka, topic, { signal });
  assert.deepEqual(fingerprint(followed), fingerprint(snapshot));
});

for (const [how, written, said] of [
  ['shorter', 1, /it ends at \d+, and was read up to/],
  ['longer', 9, /there was another record before|its uuid is/],
] as const) {
  test(`a ledger that was made anew, and is ${how}, is another one for good`, async (t) => {
    const ledger = await testLedger(t);
    if (!ledger) return;
    const { uuid, capture } = captures();
    const view = new LedgerView(ledger.kafka, ledger.topic);
    t.after(() => view.close());
    for (const id of [1, 2, 3]) await ledger.write(capture(id));
    await view.refresh(signal);
    await ledger.drop();
    await until(
      () =>
        ledger.create().then(
          () => true,
          () => false,
        ),
      { what: 'a new topic' },
    );
    // As one that was rebuilt from the topic of rows, under its old uuid.
    const anew = captures(uuid);
    for (let id = 11; id < 11 + written; id++) await ledger.write(anew.capture(id));
    const changed = { code: 'ledger-changed', action: 'stop', message: said };
    await assert.rejects(view.refresh(signal), changed);
    await ledger.write(anew.capture(100));
    await assert.rejects(view.refresh(signal), changed);
  });
}

test('a checkpoint of another ledger is not followed', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const view = new LedgerView(ledger.kafka, ledger.topic);
  t.after(() => view.close());
  await ledger.write(captures().capture(1));
  await view.refresh(signal);
  await ledger.write(captures().capture(2));
  await assert.rejects(view.refresh(signal), { code: 'ledger-changed', message: /its uuid is/ });
});

test('a record that nobody knows is not passed over, the next time neither', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const view = new LedgerView(ledger.kafka, ledger.topic);
  t.after(() => view.close());
  const { capture } = captures();
  await ledger.write([{ key: Buffer.from('shard:0'), value: Buffer.from([9]) }, ...capture(1)]);
  const unknown = { code: 'ledger-unknown', message: /its key is "shard:0"/ };
  await assert.rejects(view.refresh(signal), unknown);
  await ledger.write(capture(2));
  await assert.rejects(view.refresh(signal), unknown);
});

test('a log that was cut before what was read is another one', async (t) => {
  const ledger = await testLedger(t);
  if (!ledger) return;
  const { kafka, topic } = ledger;
  const view = new LedgerView(kafka, topic);
  const admin = kafka.admin();
  await admin.connect();
  t.after(async () => {
    await view.close();
    await admin.disconnect();
  });
  const { capture } = captures();
  await ledger.write(capture(1));
  await view.refresh(signal);
  await ledger.write(capture(2));
  // Brokers cut what is compacted only when it is told to be deleted.
  const configEntries = [{ name: 'cleanup.policy', value: 'delete' }];
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries };
  await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  const partitions = [{ partition: 0, offset: '4' }];
  await until(
    () =>
      admin.deleteTopicRecords({ topic, partitions }).then(
        () => true,
        () => false,
      ),
    { what: 'the records to be deleted' },
  );
  await assert.rejects(view.refresh(signal), { code: 'ledger-changed', message: /it begins at 4/ });
});
