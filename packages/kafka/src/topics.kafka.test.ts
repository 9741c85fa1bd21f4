import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { uniqueName } from '@scoreline/testing';
import kafkajs, { type Admin } from 'kafkajs';

import { testKafka } from './testing/kafka.ts';
import { rowTopicSpec, type TopicSpec } from './topic-spec.ts';
import { ensureTopic } from './topics.ts';

const MANAGED = { manage_topics: true, topic_replication: 1 };
const CHECKED = { manage_topics: false, topic_replication: 1 };

async function setUp(t: TestContext): Promise<{ admin: Admin; topic: string } | null> {
  const kafka = testKafka(t);
  if (!kafka) return null;
  const admin = kafka.admin();
  await admin.connect();
  const topic = uniqueName('test_topics');
  t.after(async () => {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  return { admin, topic };
}

async function make(
  admin: Admin,
  topic: string,
  configs: Readonly<Record<string, string>>,
  numPartitions = 6,
): Promise<void> {
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }],
  });
}

async function configs(admin: Admin, name: string): Promise<Map<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
  });
  const entries = resources[0]!.configEntries;
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
}

function asRequired(found: ReadonlyMap<string, string>, { required }: TopicSpec): void {
  for (const [name, { value, atLeast }] of Object.entries(required)) {
    if (atLeast) assert.ok(Number(found.get(name)) >= Number(value), name);
    else assert.equal(found.get(name), value, name);
  }
}

test('a topic that is missing is created as it must be, and found so afterwards', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  const spec = rowTopicSpec(topic, 3);
  const created = await ensureTopic(admin, spec, MANAGED);
  assert.equal(created.partitions, 3);
  assert.equal(created.replication, 1);
  assert.equal(created.notes[0], `created topic ${topic} with 3 partitions`);
  asRequired(await configs(admin, topic), spec);
  const notes = [`topic ${topic} has 1 replica: a lost disk loses what has not landed`];
  assert.deepEqual(await ensureTopic(admin, spec, CHECKED), { ...created, notes });
});

test('configs that would lose rows are set, what an operator has set beside them stays', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  const spec = rowTopicSpec(topic, 6);
  await make(admin, topic, {
    'retention.ms': '86400000',
    'compression.type': 'lz4',
    'max.message.bytes': '2000000',
    'segment.bytes': '16777216',
  });
  const { notes } = await ensureTopic(admin, spec, MANAGED);
  assert.ok(notes.includes(`set retention.ms=-1 on ${topic}, was 86400000`));
  assert.ok(notes.includes(`set compression.type=producer on ${topic}, was lz4`));
  const found = await configs(admin, topic);
  asRequired(found, spec);
  assert.equal(found.get('segment.bytes'), '16777216');
  assert.equal(found.get('max.message.bytes'), '2000000', 'more than needed will do');
});

test('with manage_topics=false configs are refused, with the command that sets them, and left', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  await make(admin, topic, { 'retention.ms': '86400000', 'max.message.bytes': '5000' });
  const before = await configs(admin, topic);
  await assert.rejects(ensureTopic(admin, rowTopicSpec(topic, 6), CHECKED), {
    code: 'topic-config',
    action: 'configure',
    message: new RegExp(
      `^topic ${topic} is not configured as it must be:\n(?:.*\n)*  retention.ms is 86400000, must be -1: .*\n(?:.*\n)*  max.message.bytes is 5000, must be at least 1048588: `,
    ),
    remedy: new RegExp(
      `^kafka-configs --bootstrap-server B --alter .* --entity-name ${topic} --add-config .*retention.ms=-1`,
    ),
  });
  assert.deepEqual(await configs(admin, topic), before);
});

test('with manage_topics=false a missing topic is refused, with the command that creates it', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  await assert.rejects(ensureTopic(admin, rowTopicSpec(topic, 6), CHECKED), {
    code: 'topic-missing',
    message: `topic ${topic} does not exist, and manage_topics is false`,
    remedy: new RegExp(
      `kafka-topics .* --create --topic ${topic} --partitions 6 .* --config retention.ms=-1`,
    ),
  });
  assert.ok(!(await admin.listTopics()).includes(topic));
});

test('partitions and replicas of a topic that exists are reported and kept', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  await ensureTopic(admin, rowTopicSpec(topic, 2), MANAGED);
  const state = await ensureTopic(admin, rowTopicSpec(topic, 6), {
    ...MANAGED,
    topic_replication: 3,
  });
  assert.equal(state.partitions, 2);
  assert.match(state.notes[0]!, /has 2 partitions, topic_partitions is 6: it keeps its own/);
  assert.match(state.notes[1]!, /has 1 replicas, topic_replication is 3: it keeps its own/);
});

test('a topic whose partitions are part of its meaning is refused with others', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  await make(admin, topic, {}, 2);
  const spec = { ...rowTopicSpec(topic, 1), exactPartitions: true };
  await assert.rejects(ensureTopic(admin, spec, MANAGED), {
    code: 'topic-partitions',
    message: `topic ${topic} has 2 partitions, it must have 1`,
  });
});

test('more replicas than brokers are refused by the name of the setting', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin, topic } = set;
  const settings = { manage_topics: true, topic_replication: 9 };
  await assert.rejects(ensureTopic(admin, rowTopicSpec(topic, 1), settings), {
    code: 'topic-replication',
    action: 'configure',
    message: new RegExp(`^topic_replication: topic ${topic} cannot have 9 replicas`),
  });
});

test('a name that no topic may have is refused in words', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { admin } = set;
  await assert.rejects(ensureTopic(admin, rowTopicSpec('not a topic', 1), MANAGED), {
    code: 'topic-name',
    action: 'configure',
    message: 'topic_prefix: "not a topic" cannot be the name of a topic',
  });
});
