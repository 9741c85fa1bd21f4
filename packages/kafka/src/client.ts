import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

import { ConfigError, type Logger } from '@scoreline/service';
import {
  type Consumer,
  type ConsumerConfig,
  Kafka,
  type KafkaConfig as ClientOptions,
  type logCreator,
  logLevel,
  type Producer,
  type ProducerConfig,
  type SASLOptions,
} from 'kafkajs';

import { assertPatched } from './patch-marker.ts';
import type { KafkaConfig } from './settings.ts';
import { brokerSocket } from './socket.ts';

/**
 * kafkajs as every service uses it. Opens no connection.
 *
 * @throws PermanentError when kafkajs is not patched, ConfigError when TLS or SASL are half set.
 */
export function createKafka(
  config: KafkaConfig,
  { clientId, log }: { readonly clientId: string; readonly log: Logger },
): Kafka {
  assertPatched();
  // Partitions are always explicit; the library warns about its default partitioner otherwise.
  process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';
  const options: ClientOptions = {
    clientId,
    brokers: [...config.kafka_brokers],
    ssl: config.kafka_tls ? tlsOptions(config) : false,
    connectionTimeout: 5_000,
    requestTimeout: config.kafka_request_timeout,
    socketFactory: brokerSocket,
    logLevel: logLevel.INFO,
    logCreator: toPino(log),
  };
  const sasl = saslOptions(config);
  return new KnownTopicsKafka(sasl ? { ...options, sasl } : options);
}

/**
 * Asking for a topic makes a broker create it, with its own defaults: a ledger that expires, rows in
 * one partition. Topics of ours are created by `ensureTopic` alone.
 */
class KnownTopicsKafka extends Kafka {
  override producer(config?: ProducerConfig): Producer {
    return super.producer({ allowAutoTopicCreation: false, ...config });
  }

  override consumer(config: ConsumerConfig): Consumer {
    return super.consumer({ allowAutoTopicCreation: false, ...config });
  }
}

function tlsOptions(config: KafkaConfig): ConnectionOptions {
  const ca = pem('kafka_tls_ca', config.kafka_tls_ca);
  const cert = pem('kafka_tls_cert', config.kafka_tls_cert);
  const key = pem('kafka_tls_key', config.kafka_tls_key);
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong(
      'kafka_tls_cert, kafka_tls_key: one is set without the other',
      'Set both, or none.',
    );
  }
  return { ...(ca && { ca: [ca] }), ...(cert && { cert }), ...(key && { key }) };
}

function saslOptions(config: KafkaConfig): SASLOptions | null {
  const { kafka_sasl_mechanism: mechanism } = config;
  if (mechanism === 'none') return null;
  const { kafka_sasl_username: username, kafka_sasl_password: password } = config;
  if (username === undefined || password === undefined) {
    throw wrong(
      `kafka_sasl_mechanism: ${mechanism} needs kafka_sasl_username and kafka_sasl_password`,
      'Set both.',
    );
  }
  return { mechanism, username, password };
}

function pem(setting: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw wrong(
      `${setting}: cannot read ${file}`,
      'Name a PEM file that this process may read.',
      cause,
    );
  }
}

function wrong(message: string, remedy: string, cause?: unknown): ConfigError {
  return new ConfigError(message, { code: 'kafka-settings', remedy, cause });
}

/** kafkajs tells as errors what it then retries: whoever gives up says so itself, here it is a warning. */
function toPino(log: Logger): logCreator {
  const child = log.child({ library: 'kafkajs' });
  return () =>
    ({
      level,
      log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields },
    }) => {
      if (level <= logLevel.WARN) child.warn(fields, message);
      else child.debug(fields, message);
    };
}
