import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ensureTopic, RecordBatch, rowTopicSpec } from '@scoreline/kafka';
import { type Catalog, nextVersion, topicName, VERSION_1, wireHeader } from '@scoreline/schema';
import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import {
  encodeRow,
  MemoryDestination,
  MemorySink,
  pipeline,
  sampleRow,
  startSink,
  visible,
} from './testing/index.ts';
import { registryStub } from './testing/registry-stub.ts';

const VERSION_2 = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
const CATALOG: Catalog = [VERSION_1, VERSION_2];
const SCHEMA_IDS = [7, 8] as const;
const KEY = Buffer.from('1');
/** A `jitter` that is null. */
const NO_JITTER = Buffer.from([0]);

test('offsets of a later version that are deleted beside an earlier one’s do not land its rows twice', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const topic = topicName(p.table, VERSION_2.number, p.config.topic_prefix);
  const managed = { manage_topics: true, topic_partitions: 1, topic_replication: 1 };
  await ensureTopic(p.admin, rowTopicSpec(topic, 1), managed);
  const schemas = Object.fromEntries(
    CATALOG.map(({ json }, version) => [SCHEMA_IDS[version]!, json]),
  );
  const config = { ...p.config, schema_registry_url: await registryStub(t, schemas) };
  const group = `sink-memory.${topic}`;
  const produceV2 = async (from: number, to: number) => {
    const batch = new RecordBatch(0);
    for (let id = from; id < to; id++) {
      const row = Buffer.concat([encodeRow(sampleRow(id)), NO_JITTER]);
      batch.append(KEY, wireHeader(SCHEMA_IDS[1]), row, 0, row.length, Date.now());
    }
    const transaction = await p.producer.transaction();
    const written = await transaction.send({ topic, messages: [batch] });
    await transaction.commit();
    await visible(p.admin, topic, written);
  };
  const commit = async () => {
    const [found] = await p.admin.fetchOffsets({ groupId: group, topics: [topic] });
    const [{ offset, metadata } = { offset: '-1', metadata: '' }] = found?.partitions ?? [];
    return { offset: BigInt(offset), metadata: metadata ?? '' };
  };
  const destination = new MemoryDestination();
  const landAll = async (ids: number) => {
    const sink = new MemorySink(destination, {}, { rows: 100 });
    const running = await startSink(t, sink, config, CATALOG);
    const ends = await p.admin.fetchTopicOffsets(topic);
    await until(
      async () =>
        (await p.lag('memory')) === 0 && String((await commit()).offset) === ends[0]?.high,
      { what: 'both versions landed' },
    );
    await running.stop();
    assert.deepEqual(
      destination.ids(),
      Array.from({ length: ids }, (_, i) => i + 1),
    );
    assert.deepEqual(
      [...destination.times].filter(([, times]) => times !== 1),
      [],
    );
  };

  await p.produceIds(1, 301);
  await produceV2(301, 601);
  await landAll(600);
  // Nothing but its rows tells what is there.
  destination.identities.clear();
  await p.admin.deleteGroups([group]);
  await produceV2(601, 651);
  await landAll(650);
  assert.equal(parseCommitMetadata((await commit()).metadata, 'test').heldUpTo, 600);
});
