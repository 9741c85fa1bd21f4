import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import {
  encodeRow,
  MemoryDestination,
  MemorySink,
  type Pipeline,
  pipeline,
  sampleRow,
  startSink,
} from './testing/index.ts';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => encodeRow(sampleRow(from + i)));

/** 100 rows landed and the sink stopped, so that its group can be tampered with. */
async function landedBefore(t: TestContext, brokers: string) {
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produce(0, rows(1, 101));
  const destination = new MemoryDestination();
  const before = await startSink(t, new MemorySink(destination), p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  await before.stop();
  return { p, destination };
}

const DOUBTS: Record<
  string,
  { code: string; tamper: (p: Pipeline, destination: MemoryDestination) => Promise<void> }
> = {
  'its offset was reset by an operator': {
    code: 'offset-reset',
    tamper: async ({ admin, topic, groupOf }) => {
      const partitions = [{ partition: 0, offset: '50' }];
      await admin.setOffsets({ groupId: groupOf('memory'), topic, partitions });
    },
  },
  'its offsets are gone while the destination holds rows': {
    code: 'offset-missing',
    tamper: async ({ admin, groupOf }) => {
      await admin.deleteGroups([groupOf('memory')]);
    },
  },
  'records were deleted before they landed': {
    code: 'offset-below-log-start',
    tamper: async (p) => {
      await p.produce(0, rows(101, 201));
      await p.admin.fetchTopicOffsets(p.topic);
      const partitions = [{ partition: 0, offset: '150' }];
      await p.admin.deleteTopicRecords({ topic: p.topic, partitions });
    },
  },
  'the destination is another one': {
    code: 'destination-changed',
    tamper: async (_p, destination) => {
      destination.fingerprint = 'memory-2';
    },
  },
};

for (const [what, { code, tamper }] of Object.entries(DOUBTS)) {
  test(`a sink does not start when ${what}, and changes nothing`, async (t) => {
    const brokers = needServer(t, 'kafka');
    if (!brokers) return;
    const { p, destination } = await landedBefore(t, brokers);
    await tamper(p, destination);
    const commits = await p.commits('memory');
    await assert.rejects(startSink(t, new MemorySink(destination), p.config), { code });
    assert.deepEqual(await p.commits('memory'), commits);
    assert.equal(destination.written.length, 1);
  });
}

test('a sink does not start above the end of its log: the topic was truncated or made anew', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, destination } = await landedBefore(t, brokers);
  const [commit] = (await p.commits('memory')).values();
  const consumer = p.kafka.consumer({ groupId: p.groupOf('memory') });
  await consumer.connect();
  t.after(() => consumer.disconnect());
  const partitions = [{ partition: 0, offset: '5000', metadata: commit?.metadata ?? null }];
  await consumer.commitOffsetsOnce({
    memberId: '',
    generationId: -1,
    topics: [{ topic: p.topic, partitions }],
  });
  await assert.rejects(startSink(t, new MemorySink(destination), p.config), {
    code: 'offset-above-log-end',
  });
});

test('records deleted before a running sink has fetched them stop it, and nothing beyond them lands', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produce(0, rows(1, 101));
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sink = new MemorySink(new MemoryDestination(), { before: () => released }, { rows: 10 });
  const running = await startSink(t, sink, p.config);
  await until(async () => {
    const [commit] = (await p.commits('memory')).values();
    return commit?.metadata.includes('"pending":["9"]');
  });
  // The first fetch waits for its ranges to land; what comes now is asked for afterwards.
  await p.produce(0, rows(101, 201));
  await p.admin.fetchTopicOffsets(p.topic);
  const partitions = [{ partition: 0, offset: '150' }];
  await p.admin.deleteTopicRecords({ topic: p.topic, partitions });
  release();
  await assert.rejects(running.done, { code: 'offset-out-of-range' });
  assert.deepEqual(
    sink.destination.ids().filter((id) => id > 100),
    [],
  );
  const [commit] = (await p.commits('memory')).values();
  assert.ok((commit?.offset ?? 999n) <= 101n, `committed ${commit?.offset}`);
  assert.match(commit?.metadata ?? '', /"since":"0"/);
});

test('accept_offset goes on where it says, and starts a new unbroken run', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, destination } = await landedBefore(t, brokers);
  await p.produce(0, rows(101, 201));
  await p.admin.setOffsets({
    groupId: p.groupOf('memory'),
    topic: p.topic,
    partitions: [{ partition: 0, offset: '150' }],
  });
  const accept_offset = [{ topic: p.topic, partition: 0, offset: 150n }];
  const config = { ...p.config, accept_offset };
  const accepted = await startSink(t, new MemorySink(destination), config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  const [commit] = (await p.commits('memory')).values();
  assert.equal(parseCommitMetadata(commit?.metadata ?? '', 'p0').since, 150n);
  // Offset 101 is the marker of the first transaction, so 150 is the row with id 150.
  assert.deepEqual(
    destination.ids().filter((id) => id > 100),
    Array.from({ length: 51 }, (_, i) => 150 + i),
  );
  await accepted.stop();
  // Left in the configuration it does nothing more.
  await startSink(t, new MemorySink(destination), config);
  await p.produce(0, rows(201, 211));
  await until(() => destination.ids().includes(210), { what: 'new rows' });
  assert.deepEqual(destination.twice(), []);
});

test('accept_offset is refused while the group has members', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, destination } = await landedBefore(t, brokers);
  const groupId = p.groupOf('memory');
  const offsets = [{ partition: 0, offset: '50' }];
  await p.admin.setOffsets({ groupId, topic: p.topic, partitions: offsets });
  const member = p.kafka.consumer({ groupId });
  await member.connect();
  t.after(() => member.disconnect());
  await member.subscribe({ topic: p.topic });
  await member.run({ autoCommit: false, eachBatch: async () => {} });
  const accept_offset = [{ topic: p.topic, partition: 0, offset: 50n }];
  const start = startSink(t, new MemorySink(destination), { ...p.config, accept_offset });
  await assert.rejects(start, { code: 'group-in-use' });
  const [commit] = (await p.commits('memory')).values();
  assert.equal(commit?.metadata, '');
});

const MALFORMED: Record<string, { record: Buffer; message: RegExp }> = {
  'a datum that is cut off': {
    record: encodeRow(sampleRow(7)).subarray(0, 20),
    message: /cut off|ends within/,
  },
  'a datum with bytes after it': {
    record: Buffer.concat([encodeRow(sampleRow(7)), Buffer.from([0])]),
    message: /bytes/,
  },
};

for (const [what, { record, message }] of Object.entries(MALFORMED)) {
  test(`a malformed record stops the sink, and nothing is committed past it: ${what}`, async (t) => {
    const brokers = needServer(t, 'kafka');
    if (!brokers) return;
    const { p, destination } = await landedBefore(t, brokers);
    await p.produce(0, [...rows(101, 111), record, ...rows(111, 121)]);
    const running = await startSink(t, new MemorySink(destination), p.config);
    await assert.rejects(running.done, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'record-malformed');
      assert.match(error.message, message);
      assert.ok(error.message.includes(`${p.topic}[0] offset 111`), error.message);
      return true;
    });
    const [commit] = (await p.commits('memory')).values();
    assert.ok((commit?.offset ?? 0n) <= 111n);
    assert.ok(destination.ids().every((id) => id <= 110));
  });
}
