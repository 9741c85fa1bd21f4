import type { Kafka, KafkaMessage } from 'kafkajs';

import { PartitionReader } from './partition-reader.ts';

export interface ReadPartitionOptions {
  readonly signal: AbortSignal;
  /** How long the brokers may send nothing before the read fails. */
  readonly silenceMs: number;
}

/** True when enough was read. */
export type MessagesVisitor = (messages: readonly KafkaMessage[]) => boolean;

/**
 * Reads committed records of one partition from the log's start until `visit` says that it is enough. Needs
 * no group: brokers hold up the first join of one for seconds, which a takeover does not have.
 *
 * @throws what `visit` throws, what the brokers say, or SilenceError.
 */
export async function readPartition(
  kafka: Kafka,
  at: { readonly topic: string; readonly partition: number },
  { signal, silenceMs }: ReadPartitionOptions,
  visit: MessagesVisitor,
): Promise<void> {
  const reader = new PartitionReader(kafka, at, silenceMs);
  try {
    const { start } = await reader.bounds(signal);
    await reader.read(start, signal, (messages) => messages.length > 0 && visit(messages));
  } finally {
    const closing = reader.close();
    if (!signal.aborted) await closing;
  }
}
