import { Kafka, logLevel } from 'kafkajs-unpatched';

/**
 * kafkajs as its authors released it, without the patch that the services carry: what looks at
 * their work must not share their code.
 */
export function plainKafka(clientId: string, brokers: readonly string[]): Kafka {
  // A machine with everything on it can be slow to answer; kafkajs gives up after one second.
  const connectionTimeout = 20_000;
  return new Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout,
  });
}
