import { choice, duration, flag, integer, list, secret, text } from '@scoreline/service';
import type { z } from 'zod';

const MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How a service reaches Kafka: spread into its settings. */
export const kafkaSettings = {
  kafka_brokers: list().describe('Brokers to begin with, `host:port`, separated by commas.'),
  kafka_tls: flag(false).describe('Connect by TLS, and check the certificate and host name.'),
  kafka_tls_ca: text()
    .optional()
    .describe(
      "PEM file of the authority that signed the brokers' certificates; the system's when unset.",
    ),
  kafka_tls_cert: text()
    .optional()
    .describe("PEM file of this client's certificate, for mutual TLS."),
  kafka_tls_key: text().optional().describe("PEM file of that certificate's key."),
  kafka_sasl_mechanism: choice(MECHANISMS, 'none').describe('How the client authenticates itself.'),
  kafka_sasl_username: text().optional().describe('User name for SASL.'),
  kafka_sasl_password: secret().optional().describe('Password for SASL.'),
  kafka_request_timeout: duration('30s', { min: 1_000, max: 300_000 }).describe(
    'How long a broker may take to answer: after that its connection counts as dead, and another one is made.',
  ),
  topic_prefix: text('').describe(
    'Put before the names of topics, groups and the transactional id, so that beta and production can share a cluster.',
  ),
};

/** Of the services that make topics. */
export const topicSettings = {
  manage_topics: flag(true).describe(
    'Create topics that are missing and set what they need; when false they are only checked.',
  ),
  topic_partitions: integer(6, { min: 1, max: 1024 }).describe(
    'Partitions of a new log_scores topic; an existing one keeps its own.',
  ),
  topic_replication: integer(1, { min: 1, max: 32 }).describe(
    'Replicas of a new topic: 3 where a lost broker must not lose rows; an existing one keeps its own.',
  ),
};

export type KafkaConfig = Readonly<z.infer<z.ZodObject<typeof kafkaSettings>>>;
export type TopicConfig = Readonly<z.infer<z.ZodObject<typeof topicSettings>>>;
