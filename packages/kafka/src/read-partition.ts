import type { Kafka } from 'kafkajs';

import type { CommittedRecord } from './committed-record.ts';
import { PartitionReader } from './partition-reader.ts';
import type { BatchOrigin } from './walk.ts';

export interface ReadPartitionOptions {
  readonly signal: AbortSignal;
  /** How long the brokers may send nothing before the read fails. */
  readonly silenceMs: number;
}

/** True when enough was read. */
export type RecordsVisitor = (records: readonly CommittedRecord[]) => boolean;

/**
 * Reads committed records of one partition from the log's start until `visit` says that it is enough. Needs
 * no group: brokers hold up the first join of one for seconds, which a takeover does not have.
 *
 * @throws what `visit` throws, what the brokers say, or SilenceError.
 */
export async function readPartition(
  kafka: Kafka,
  at: BatchOrigin,
  { signal, silenceMs }: ReadPartitionOptions,
  visit: RecordsVisitor,
): Promise<void> {
  const reader = new PartitionReader(kafka, at, silenceMs);
  try {
    const { start } = await reader.bounds(signal);
    await reader.read(start, signal, (records) => records.length > 0 && visit(records));
  } finally {
    const closing = reader.close();
    if (!signal.aborted) await closing;
  }
}
