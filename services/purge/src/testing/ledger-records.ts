import type { Pipeline } from '@scoreline/landing/testing';
import {
  Bucket,
  bucketMessage,
  checkpointMessage,
  ledgerTopic,
  type Roster,
  rosterMessage,
} from '@scoreline/ledger';

/** Where the rows of each topic end, and who the sinks are. */
export interface LedgerAsOf {
  readonly topicEnds: Readonly<Record<string, readonly number[]>>;
  readonly roster?: Roster;
  readonly buckets?: readonly Bucket[];
}

/** Writes to a pipeline's ledger as capture, and those who know the sinks, would have. */
export async function writeLedgerAsOf(
  { producer, table, config, ledgerUuid }: Pipeline,
  { topicEnds, roster = [], buckets = [] }: LedgerAsOf,
): Promise<void> {
  const position = { file: 'binlog.000001', offset: 4 };
  const checkpoint = checkpointMessage({
    ledgerUuid,
    source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
    position,
    gtidSet: '',
    event: null,
    commitTimeMs: 0,
    openGroup: null,
    reconcile: null,
    startFloor: { position, id: 0 },
    optionalColumns: [],
    topicEnds,
  });
  const records = [rosterMessage(roster), ...buckets.map(bucketMessage), checkpoint];
  const transaction = await producer.transaction();
  await transaction.send({
    topic: ledgerTopic(table, config.topic_prefix),
    messages: records.map((record) => ({ partition: 0, ...record })),
  });
  await transaction.commit();
}
