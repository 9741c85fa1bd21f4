import { ensureTopic, rowTopicSpec, type TopicConfig } from '@scoreline/kafka';
import { ledgerSpec, readLedgerSnapshot } from '@scoreline/ledger';
import { RegistryError, SchemaRegistry, subjectName } from '@scoreline/schema';
import { ConfigError, type Logger, RetryableError } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import type { CaptureConfig } from './config.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { type PresenceOptions, topicEnds } from './topic-presence.ts';
import { requireNotLowered } from './topic-version.ts';

/** What a start has found out, and every session needs. */
export interface Ground {
  readonly schemaId: number;
  readonly partitions: number;
}

/**
 * The id under which the registry knows the schema. Asked once: an outage later does not matter, and so one
 * at the start is waited for.
 *
 * @throws RetryableError `registry-unavailable`, ConfigError `registry-refused`
 */
export async function registerSchema(
  config: CaptureConfig,
  { topic, version }: Pick<PipelineNames, 'topic' | 'version'>,
  signal: AbortSignal,
): Promise<number> {
  const registry = new SchemaRegistry({
    url: config.schema_registry_url,
    username: config.schema_registry_username,
    password: config.schema_registry_password,
  });
  try {
    return await registry.register(subjectName(topic), version.json, signal);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { kind, remedy, cause } = error;
    const message = `schema_registry_url: ${error.message}`;
    const details = { code: `registry-${kind}`, remedy, cause };
    throw kind === 'unavailable'
      ? new RetryableError(message, details)
      : new ConfigError(message, details);
  }
}

export interface TopicsOptions extends PresenceOptions {
  readonly kafka: Kafka;
  readonly config: TopicConfig & Pick<CaptureConfig, 'kafka_brokers'>;
  readonly names: PipelineNames;
  readonly log: Logger;
}

/**
 * Makes both topics what they must be. Returns how many partitions the rows have.
 *
 * @throws ConfigError, PermanentError
 */
export async function ensureTopics(admin: Admin, options: TopicsOptions): Promise<number> {
  const { config, names, log } = options;
  try {
    await admin.connect();
  } catch (cause) {
    throw new ConfigError(`kafka_brokers: cannot connect to ${config.kafka_brokers.join(', ')}`, {
      code: 'kafka-unreachable',
      remedy: 'Check the addresses, kafka_tls and kafka_sasl_mechanism, and that the brokers run.',
      cause,
    });
  }
  await requireMayBeMade(admin, options);
  const rows = await ensureTopic(admin, rowTopicSpec(names.topic, config.topic_partitions), config);
  const ledger = await ensureTopic(admin, ledgerSpec(names.ledgerTopic), config);
  for (const note of [...rows.notes, ...ledger.notes]) log.info(note);
  return rows.partitions;
}

/**
 * A topic that is not there, and of which the ledger says that rows go on in a later version or that it had some,
 * is not made: a session would refuse it as well, and leave an empty one behind where there was none.
 *
 * @throws PermanentError `topic-version-lowered`, `topic-version-unknown`, `topic-truncated`
 */
async function requireMayBeMade(admin: Admin, options: TopicsOptions): Promise<void> {
  const { kafka, names, signal } = options;
  const there = await admin.listTopics();
  if (there.includes(names.topic) || !there.includes(names.ledgerTopic)) return;
  const { checkpoint } = await readLedgerSnapshot(kafka, names.ledgerTopic, { signal });
  if (checkpoint === null) return;
  requireNotLowered(names, checkpoint);
  const had = checkpoint.topicEnds[names.topic]?.some((end) => end > 0) === true;
  if (had) await topicEnds(admin, names.topic, options);
}
