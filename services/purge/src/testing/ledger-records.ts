import type { Pipeline } from '@scoreline/landing/testing';
import {
  auditsMessage,
  type Bucket,
  bucketMessage,
  type SinkAudits,
  type SourceIdentity,
  checkpointMessage,
  ledgerTopic,
  type Roster,
  rosterMessage,
} from '@scoreline/ledger';

import { checkpointOf } from './checkpoint-of.ts';

/** Where the rows of each topic end, and who the sinks are. */
export interface LedgerAsOf {
  readonly topicEnds: Readonly<Record<string, readonly number[]>>;
  readonly roster?: Roster;
  readonly buckets?: readonly Bucket[];
  readonly audits?: readonly SinkAudits[];
  readonly source?: SourceIdentity;
}

/** Writes to a pipeline's ledger as capture, and those who know the sinks, would have. */
export async function writeLedgerAsOf(
  { producer, table, config, ledgerUuid }: Pipeline,
  { topicEnds, roster, buckets = [], audits = [], source }: LedgerAsOf,
): Promise<void> {
  const checkpoint = checkpointMessage(
    checkpointOf({ ledgerUuid, topicEnds, ...(source !== undefined && { source }) }),
  );
  // Capture's come last, with the checkpoint behind them.
  const records = [
    ...(roster === undefined ? [] : [rosterMessage(roster)]),
    ...audits.map(auditsMessage),
    ...buckets.map(bucketMessage),
    checkpoint,
  ];
  const transaction = await producer.transaction();
  await transaction.send({
    topic: ledgerTopic(table, config.topic_prefix),
    messages: records.map((record) => ({ partition: 0, ...record })),
  });
  await transaction.commit();
}
