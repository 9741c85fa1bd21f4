import {
  type Audit,
  bucketMessage,
  CapturedIds,
  ledgerTopic,
  readLedgerSnapshot,
} from '@scoreline/ledger';

import { checkpointOf, type Pipeline } from './pipeline.ts';

/**
 * Writes these ids into a pipeline's ledger, and no others, as capture does with their rows: which are then
 * somewhere in what the topic has now.
 */
export async function recordIds(p: Pipeline, ids: readonly number[]): Promise<void> {
  const captured = new CapturedIds();
  for (const id of ids) captured.add(id);
  for (const { partition, high } of await p.admin.fetchTopicOffsets(p.topic)) {
    if (high === '0') continue;
    for (const number of captured.buckets.keys()) {
      captured.wrote(number, p.topic, partition, 0, Number(high));
    }
  }
  const transaction = await p.producer.transaction();
  const messages = [...captured.buckets.values()].map(bucketMessage);
  await transaction.send({
    topic: ledgerTopic(p.table, p.config.topic_prefix),
    messages: [...messages, checkpointOf(p.ledgerUuid)].map((one) => ({ partition: 0, ...one })),
  });
  await transaction.commit();
}

/** What the ledger has of a sink's clean audits: for each bucket, how many ids it had. */
export async function auditsOf(
  p: Pipeline,
  sink: string,
): Promise<{ readonly counts: ReadonlyMap<number, number>; readonly audits: readonly Audit[] }> {
  const { audits } = await readLedgerSnapshot(
    p.kafka,
    ledgerTopic(p.table, p.config.topic_prefix),
    { signal: AbortSignal.timeout(30_000) },
  );
  const all = audits.get(sink) ?? [];
  const counts = all.flatMap(({ from, counts }) =>
    counts.map((count, at) => [from + at, count] as const),
  );
  return { counts: new Map(counts), audits: all };
}
