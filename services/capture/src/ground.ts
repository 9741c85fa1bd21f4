import { ensureTopic, rowTopicSpec } from '@scoreline/kafka';
import { ledgerSpec } from '@scoreline/ledger';
import { RegistryError, SchemaRegistry, subjectName } from '@scoreline/schema';
import { ConfigError, type Logger, RetryableError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import type { CaptureConfig } from './config.ts';
import type { PipelineNames } from './pipeline-names.ts';

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

/** Makes both topics what they must be. Returns how many partitions the rows have. */
export async function ensureTopics(
  admin: Admin,
  config: CaptureConfig,
  { topic, ledgerTopic, log }: { topic: string; ledgerTopic: string; log: Logger },
): Promise<number> {
  try {
    await admin.connect();
  } catch (cause) {
    throw new ConfigError(`kafka_brokers: cannot connect to ${config.kafka_brokers.join(', ')}`, {
      code: 'kafka-unreachable',
      remedy: 'Check the addresses, kafka_tls and kafka_sasl_mechanism, and that the brokers run.',
      cause,
    });
  }
  const rows = await ensureTopic(admin, rowTopicSpec(topic, config.topic_partitions), config);
  const ledger = await ensureTopic(admin, ledgerSpec(ledgerTopic), config);
  for (const note of [...rows.notes, ...ledger.notes]) log.info(note);
  return rows.partitions;
}
