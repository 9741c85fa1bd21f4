import type { BadInput } from './bad-input.ts';

const CHECKED = {
  service: 'capture',
  settings: { manage_topics: 'false' },
  exitCode: 2,
} as const;

function misconfigured(config: string, value: string, wanted: string): BadInput {
  return {
    ...CHECKED,
    name: `the topic has ${config}=${value}`,
    wrong: (world) => world.createTopic(world.topic, { [config]: value }),
    code: 'topic-config',
    says: [
      'topic {topic}',
      `${config} is ${value}, must be ${wanted}`,
      `--add-config`,
      `${config}=${wanted}`,
    ],
  };
}

/** Topics that would lose rows, or were made by something else, and a registry that says no. */
export const TOPICS: readonly BadInput[] = [
  misconfigured('retention.ms', '86400000', '-1'),
  misconfigured('retention.bytes', '1000000', '-1'),
  misconfigured('cleanup.policy', 'compact', 'delete'),
  misconfigured('compression.type', 'zstd', 'producer'),
  misconfigured('message.timestamp.type', 'LogAppendTime', 'CreateTime'),
  {
    ...CHECKED,
    name: 'the topic is missing and must not be made',
    code: 'topic-missing',
    says: ['topic {topic} does not exist', 'manage_topics', 'kafka-topics', '--create'],
  },
  {
    service: 'capture',
    name: 'the topic would need more brokers than there are',
    settings: { topic_replication: '3' },
    exitCode: 2,
    code: 'topic-replication',
    says: ['topic_replication', '{topic}', 'Set topic_replication to 1'],
  },
  {
    service: 'capture',
    name: 'the ledger has several partitions',
    wrong: async (world) => {
      await world.createTopic(world.topic);
      await world.createTopic(world.ledger, { 'cleanup.policy': 'compact' }, 3);
    },
    exitCode: 2,
    code: 'topic-partitions',
    says: ['topic {ledger} has 3 partitions, it must have 1', 'topic_prefix'],
  },
  {
    service: 'capture',
    name: 'the ledger is gone, and the topic has rows',
    given: 'captured',
    wrong: (world) => world.deleteTopic(world.ledger),
    exitCode: 1,
    code: 'ledger-missing',
    says: ['{ledger}', '{topic}', 'topic_prefix'],
  },
  {
    service: 'capture',
    name: 'the topic was made anew, and the ledger knows its rows',
    given: 'captured',
    wrong: async (world) => {
      await world.deleteTopic(world.topic);
      await world.createTopic(world.topic);
    },
    exitCode: 1,
    code: 'topic-truncated',
    says: ['topic {topic} was truncated or recreated', 'Restore the topic'],
  },
  {
    service: 'capture',
    name: 'the topic was made anew with other partitions, and the ledger knows its rows',
    given: 'captured',
    wrong: async (world) => {
      await world.deleteTopic(world.topic);
      await world.createTopic(world.topic, {}, 1);
    },
    exitCode: 1,
    code: 'topic-truncated',
    says: ['topic {topic} was truncated or recreated', 'Restore the topic'],
  },
  {
    service: 'capture',
    name: 'the registry holds another schema for the subject',
    wrong: async (world) => {
      await world.servers.registry('POST', `/subjects/${world.subject}/versions`, {
        schema: JSON.stringify({
          type: 'record',
          name: 'LogScore',
          fields: [{ name: 'id', type: 'string' }],
        }),
      });
      await world.servers.registry('PUT', `/config/${world.subject}`, {
        compatibility: 'BACKWARD',
      });
    },
    exitCode: 2,
    code: 'registry-refused',
    says: ['schema_registry_url', '{subject}', 'Look which schemas the subject holds'],
  },
];
