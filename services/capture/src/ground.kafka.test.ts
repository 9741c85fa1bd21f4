import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Checkpoint } from '@scoreline/ledger';
import { nextVersion, type TopicVersion, VERSION_1 } from '@scoreline/schema';
import { createLog } from '@scoreline/service';
import { needServer } from '@scoreline/testing';

import { ensureTopics } from './ground.ts';
import { pipelineNames } from './pipeline-names.ts';
import { CapturedTopic } from './testing/captured-topic.ts';

const VERSION_2 = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
const AT = { file: 'binlog.000001', offset: 500 };
const CHECKPOINT: Checkpoint = {
  ledgerUuid: '11111111-1111-4111-8111-111111111111',
  source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
  position: AT,
  gtidSet: '',
  event: null,
  commitTimeMs: 0,
  openGroup: null,
  startFloor: { position: AT, id: 0 },
  reconcile: null,
  optionalColumns: [],
  topicEnds: {},
};

test('a topic is not made when the ledger says that its rows went on elsewhere, or are gone', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return;
  const captured = await CapturedTopic.create(t, brokers);
  const { kafka, admin, prefix, topic, ledger } = captured;
  const next = topic.replace('-v1', '-v2');
  const ensured = async (version: TopicVersion): Promise<number> => {
    const asking = kafka.admin({ retry: { retries: 1 } });
    try {
      return await ensureTopics(asking, {
        kafka,
        config: {
          kafka_brokers: brokers.split(','),
          topic_partitions: 6,
          topic_replication: 1,
          manage_topics: true,
        },
        names: pipelineNames('log_scores', { prefix, version, catalog: [VERSION_1, VERSION_2] }),
        signal: new AbortController().signal,
        patienceMs: 0,
        log: createLog('test', { log_level: 'silent' }),
      });
    } finally {
      await asking.disconnect();
    }
  };
  const there = async (): Promise<string[]> =>
    (await admin.listTopics()).filter((name) => name.startsWith(prefix)).toSorted();

  assert.equal(await ensured(VERSION_1), 6);
  await admin.deleteTopics({ topics: [topic] });
  assert.equal(await ensured(VERSION_1), 6, 'nothing is known of it');
  await captured.plant({ ...CHECKPOINT, topicEnds: { [topic]: [5] } });
  await admin.deleteTopics({ topics: [topic] });
  await assert.rejects(ensured(VERSION_1), { code: 'topic-truncated' });
  assert.deepEqual(await there(), [ledger]);

  assert.equal(await ensured(VERSION_2), 6, 'that of a later version is made');
  await captured.plant({ ...CHECKPOINT, topicEnds: { [topic]: [5], [next]: [1] } });
  await assert.rejects(ensured(VERSION_1), { code: 'topic-version-lowered' });
  assert.deepEqual(await there(), [next, ledger]);
});
