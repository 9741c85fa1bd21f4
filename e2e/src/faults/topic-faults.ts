import assert from 'node:assert/strict';

import { ledgerTopic } from '@scoreline/ledger';
import { until } from '@scoreline/testing';
import kafkajs from 'kafkajs';

import { TOPIC } from '../harness/pipeline.ts';
import { fatalError } from './fatal-error.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';
import { sessionEnded } from './session-ended.ts';

// Not a named export to Node, which reads those of a CommonJS module from its text.
const { ConfigResourceTypes } = kafkajs;

/** Rows of one server that together are larger than what the topic takes; each has as much as a TEXT can. */
const LARGE = { rows: 4, bytes: 60_000 };
const TAKES_BYTES = 100_000;

/** Topics that change under a running capture. What was captured is gone, or cannot be written: it stops. */
export const TOPIC_FAULTS: readonly Fault[] = [
  {
    name: 'one partition refuses what it is sent, the others take it',
    // A start sets what the topic must take, so that whoever starts it again sees it go on.
    outcome: { stops: 'kafka-refuses', again: 'goes on' },
    cause: async (scene) => {
      await setTopicConfig(scene, 'max.message.bytes', TAKES_BYTES);
      await insertLarge(scene);
      const said = await fatalError(scene.capture);
      await scene.capture.exited();
      // What the other partitions took is in it, and nobody has committed that.
      if (!(await scene.pipeline.transactionIsOpen())) throw new Error('no transaction is open');
      return `${said}; its transaction is open`;
    },
  },
  {
    // The log's start moves, and its ends stay: this is how space is freed.
    name: 'rows are purged from the table, and the topic is trimmed behind them',
    outcome: 'goes on',
    cause: async (scene) => {
      const { load, pipeline, capture } = scene;
      await scene.rowsCommitted(500);
      await load.end();
      await pipeline.caughtUp(capture);
      // A purge spares what other tables refer to; what it takes is the same to capture.
      await scene.sql('SET foreign_key_checks = 0', 'DELETE FROM log_scores');
      const trimmed = await trim(scene);
      // A start compares the topic's ends with those of the ledger, and reads the table.
      await capture.kill();
      await capture.start();
      await capture.ready();
      load.begin();
      return `${trimmed} offsets are gone`;
    },
  },
  {
    name: 'the topic is deleted',
    outcome: { stops: 'topic-truncated' },
    cause: async (scene) => {
      const topic = `${scene.prefix}${TOPIC}`;
      await deleteTopic(scene, topic);
      // Capture may not make it anew, which would hide that it is gone. To be compared it has to be there.
      scene.onEnd(async () => assert.ok(await createTopic(scene, topic, 6), 'capture has made it'));
      return sessionEnded(scene.capture, /UNKNOWN_TOPIC_OR_PARTITION/);
    },
  },
  {
    name: 'the topic is deleted, and made anew',
    outcome: { stops: 'topic-truncated' },
    cause: async (scene) => {
      const topic = `${scene.prefix}${TOPIC}`;
      await deleteTopic(scene, topic);
      await createTopic(scene, topic, 6);
      return fatalError(scene.capture);
    },
  },
  {
    name: 'the ledger is deleted',
    outcome: { stops: 'ledger-missing' },
    cause: async (scene) => {
      await deleteTopic(scene, ledgerOf(scene));
      return sessionEnded(scene.capture, /UNKNOWN_TOPIC_OR_PARTITION/);
    },
  },
  {
    name: 'the ledger is deleted, and made anew',
    outcome: { stops: 'ledger-missing' },
    cause: async (scene) => {
      await deleteTopic(scene, ledgerOf(scene));
      await createTopic(scene, ledgerOf(scene), 1);
      return fatalError(scene.capture);
    },
  },
];

function ledgerOf({ prefix }: Scene): string {
  return ledgerTopic('log_scores', prefix);
}

/** One transaction with rows for every partition, and too many bytes for one of them. */
async function insertLarge(scene: Scene): Promise<void> {
  const servers = await scene.sql('SELECT id FROM servers ORDER BY id LIMIT 100');
  const ids = servers.map((server) => Number(server['id']));
  const large = Array.from({ length: LARGE.rows }, () => [ids[0], `REPEAT('x', ${LARGE.bytes})`]);
  const rows = [...ids.map((id) => [id, 'NULL']), ...large].map(
    ([id, attributes]) => `(${id}, UTC_TIMESTAMP(), 1, 1, ${attributes})`,
  );
  await scene.sql(
    `INSERT INTO log_scores (server_id, ts, score, step, attributes) VALUES ${rows.join(', ')}`,
  );
}

/** In place of what else is set on the topic, of which nothing matters here. */
async function setTopicConfig(
  { pipeline, prefix }: Scene,
  name: string,
  value: number,
): Promise<void> {
  await pipeline.admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: `${prefix}${TOPIC}`,
        configEntries: [{ name, value: String(value) }],
      },
    ],
  });
}

/** Deletes every record that is there. Returns how many offsets that were. */
async function trim({ pipeline, prefix }: Scene): Promise<number> {
  const topic = `${prefix}${TOPIC}`;
  const ends = await pipeline.admin.fetchTopicOffsets(topic);
  await pipeline.admin.deleteTopicRecords({
    topic,
    partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
  });
  const starts = await pipeline.admin.fetchTopicOffsets(topic);
  const gone = starts.reduce((sum, { low }) => sum + Number(low), 0);
  if (gone === 0) throw new Error(`${topic} still begins at 0`);
  return gone;
}

async function deleteTopic({ pipeline }: Scene, topic: string): Promise<void> {
  await pipeline.admin.deleteTopics({ topics: [topic] });
  await until(async () => !(await pipeline.admin.listTopics()).includes(topic), {
    what: `the end of ${topic}`,
  });
}

/** Whether it was not there. */
async function createTopic(
  { pipeline }: Scene,
  topic: string,
  partitions: number,
): Promise<boolean> {
  return pipeline.admin.createTopics({
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
  });
}
