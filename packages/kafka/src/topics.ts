import { ConfigError } from '@scoreline/service';
import kafkajs, { type Admin } from 'kafkajs';

import { kafkaErrorType } from './errors.ts';
import { leadersServe } from './leaders.ts';
import type { TopicConfig } from './settings.ts';
import {
  createCommand,
  misconfigured,
  requiredConfigs,
  type TopicSpec,
  type WrongConfig,
  wrongConfigs,
} from './topic-spec.ts';

// Not named exports to Node, which reads those of a CommonJS module from its text.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

export interface TopicState {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  /** What was done and what differs from the settings, as sentences for the log. */
  readonly notes: readonly string[];
}

/**
 * Creates a topic that is missing, and sets configs that are not as required; with
 * `manage_topics=false` both are refused instead. Partitions and replicas of an existing topic are
 * left alone: changing them would move keys to other partitions.
 *
 * @throws ConfigError that names topic, config, what was seen and wanted, and the command that mends it.
 */
export async function ensureTopic(
  admin: Admin,
  spec: TopicSpec,
  { manage_topics, topic_replication }: Pick<TopicConfig, 'manage_topics' | 'topic_replication'>,
): Promise<TopicState> {
  const notes: string[] = [];
  let shape = await describe(admin, spec.name);
  if (shape === null) {
    if (!manage_topics) throw missing(spec, topic_replication);
    await create(admin, spec, topic_replication);
    await leadersServe(admin, spec.name);
    notes.push(`created topic ${spec.name} with ${spec.partitions} partitions`);
    shape = { partitions: spec.partitions, replication: topic_replication };
  }
  notes.push(...differences(spec, shape, topic_replication));
  const wanted = requiredConfigs(spec, shape.replication);
  const wrong = wrongConfigs(values(await configsOf(admin, spec.name)), wanted);
  if (wrong.length > 0) {
    if (!manage_topics) throw misconfigured(spec.name, wrong);
    await setConfigs(admin, spec.name, wrong);
    notes.push(
      ...wrong.map(
        ({ name, seen, wanted: { value } }) => `set ${name}=${value} on ${spec.name}, was ${seen}`,
      ),
    );
  }
  return { name: spec.name, ...shape, notes };
}

interface Shape {
  readonly partitions: number;
  readonly replication: number;
}

/** @throws ConfigError `topic-partitions` where their number is part of what the topic means. */
function differences(spec: TopicSpec, shape: Shape, replication: number): string[] {
  const notes: string[] = [];
  if (shape.partitions !== spec.partitions) {
    const seen = `topic ${spec.name} has ${shape.partitions} partitions`;
    if (spec.exactPartitions) {
      throw new ConfigError(`${seen}, it must have ${spec.partitions}`, {
        code: 'topic-partitions',
        remedy:
          'It was made by something else. Use another topic_prefix, or delete it if nothing in it is needed.',
      });
    }
    notes.push(
      `${seen}, topic_partitions is ${spec.partitions}: it keeps its own, so that keys stay where they are`,
    );
  }
  if (shape.replication !== replication) {
    notes.push(
      `topic ${spec.name} has ${shape.replication} replicas, topic_replication is ${replication}: it keeps its own`,
    );
  }
  if (shape.replication === 1) {
    notes.push(`topic ${spec.name} has 1 replica: a lost disk loses what has not landed`);
  }
  return notes;
}

async function describe(admin: Admin, topic: string): Promise<Shape | null> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions ?? [];
    return { partitions: partitions.length, replication: partitions[0]?.replicas.length ?? 0 };
  } catch (cause) {
    const type = kafkaErrorType(cause);
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return null;
    if (type === 'INVALID_TOPIC_EXCEPTION') {
      throw new ConfigError(`topic_prefix: "${topic}" cannot be the name of a topic`, {
        code: 'topic-name',
        remedy: 'Names have letters, digits, ".", "_" and "-", and at most 249 of them.',
        cause,
      });
    }
    if (type !== 'TOPIC_AUTHORIZATION_FAILED') throw cause;
    throw new ConfigError(`topic ${topic} may not be seen by this user`, {
      code: 'topic-acl',
      remedy: `Grant Describe and DescribeConfigs on topic ${topic}, or check topic_prefix.`,
      cause,
    });
  }
}

async function create(admin: Admin, spec: TopicSpec, replicationFactor: number): Promise<void> {
  const configs = Object.entries(requiredConfigs(spec, replicationFactor));
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: spec.name,
          numPartitions: spec.partitions,
          replicationFactor,
          configEntries: configs.map(([name, { value }]) => ({ name, value })),
        },
      ],
    });
  } catch (cause) {
    throw refused(spec, replicationFactor, cause);
  }
}

function refused(spec: TopicSpec, replication: number, cause: unknown): unknown {
  // kafkajs has an aggregate of its own, with an error for each topic.
  const { errors = [] } = cause as { errors?: readonly unknown[] };
  const error = errors[0] ?? cause;
  const type = kafkaErrorType(error);
  if (type === undefined) return cause;
  if (type === 'INVALID_REPLICATION_FACTOR') {
    return new ConfigError(
      `topic_replication: topic ${spec.name} cannot have ${replication} replicas, there are fewer brokers`,
      {
        code: 'topic-replication',
        remedy: 'Set topic_replication to 1 on a single broker.',
        cause,
      },
    );
  }
  return new ConfigError(`topic ${spec.name} cannot be created: ${(error as Error).message}`, {
    code: 'topic-create',
    remedy: `Grant Create, or create it and set manage_topics=false:\n${createCommand(spec, replication)}`,
    cause,
  });
}

async function setConfigs(
  admin: Admin,
  topic: string,
  wrong: readonly WrongConfig[],
): Promise<void> {
  // AlterConfigs replaces the whole set: what an operator has set beside ours goes along.
  const own = (await configsOf(admin, topic)).filter(
    ({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG,
  );
  const merged = values(own);
  for (const { name, wanted } of wrong) merged.set(name, wanted.value);
  try {
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [...merged].map(([name, value]) => ({ name, value })),
        },
      ],
    });
  } catch (cause) {
    throw kafkaErrorType(cause) === undefined ? cause : misconfigured(topic, wrong, cause);
  }
}

async function configsOf(admin: Admin, topic: string) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  return resources[0]?.configEntries ?? [];
}

function values(entries: readonly { readonly configName: string; readonly configValue: string }[]) {
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
}

function missing(spec: TopicSpec, replication: number): ConfigError {
  return new ConfigError(`topic ${spec.name} does not exist, and manage_topics is false`, {
    code: 'topic-missing',
    remedy: `Create it:\n${createCommand(spec, replication)}`,
  });
}
