import { randomUUID } from 'node:crypto';

import { identityFrom, ServerLock, type Source } from '@scoreline/database';
import {
  bucketMessage,
  type CapturedIds,
  type Checkpoint,
  checkpointMessage,
  type LedgerMessage,
  type SourceIdentity,
} from '@scoreline/ledger';
import type { Logger } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { compareTail } from './compare-tail.ts';
import type { CaptureConfig } from './config.ts';
import { type Outset, reconcileFrom } from './first-checkpoint.ts';
import { fromNow } from './from-now.ts';
import { ensureTopics } from './ground.ts';
import { ledgerRequests } from './ledger-requests.ts';
import { LedgerTopics } from './ledger-topics.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { preflight } from './preflight.ts';
import { progressLine } from './progress-line.ts';
import { emptyLedger, requireCovered, topicsToRead } from './rebuild-checks.ts';
import type { ScannedTopic } from './scan-rows.ts';
import { type TopicIds, topicIds } from './topic-ids.ts';
import { requireNotLowered } from './topic-version.ts';
import { TransactionalProducer } from './transactional-producer.ts';

export interface RebuildOptions {
  readonly config: CaptureConfig;
  readonly source: Source;
  readonly kafka: Kafka;
  readonly names: PipelineNames;
  readonly metrics: CaptureMetrics;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly log: Logger;
}

/**
 * Makes a ledger that was lost anew, from topics that have every row since the first: the ids and where
 * their rows are, and a checkpoint at the source's present, from which on capture streams. The table is
 * reconciled from the topic's smallest id on, so that what was committed meanwhile is found too.
 *
 * The lock keeps captures away, and the fence ends what one of them had left open. Everything is read
 * and proved before anything is written, and the checkpoint goes last: before that, a capture refuses
 * the ledger as missing, and this can be run again.
 *
 * **The ledger's uuid** is the first part of every range's identity. Nothing compares it: a sink goes on
 * from its committed offset and metadata, which do not hold it, and one that runs keeps the old one till
 * it is started again. But a range that is pending then gets another name, and a sink looks for what it
 * had left running, and is deduplicated, by that name. The topic is the same, so the right uuid is the
 * old one, which `ledger_uuid` gives; a new one is safe when no range is pending.
 */
export async function rebuildLedger(options: RebuildOptions): Promise<void> {
  const { config, source, kafka, names, print, log } = options;
  const { version } = names;
  const server = await preflight(source, {
    ...options,
    stage: 'start',
    minRunwayMs: config.min_binlog_runway,
    exclude: config.exclude,
    unknownColumns: config.unknown_columns,
    version,
  });
  const topics = await prepareTopics(options);
  const lock = new ServerLock(names.transactionalId, log);
  const leadership = await lock.acquire(source, options.signal, () =>
    print(`waiting for the lock ${lock.name}: a capture holds it, which has to be stopped`),
  );
  try {
    const signal = AbortSignal.any([options.signal, leadership.lost]);
    const held: RebuildOptions = { ...options, signal };
    print(`holding the lock ${lock.name}`);
    const before = await withFenced(held, (_, fence) => emptyLedger(held, fence));
    const progress = (topic: string) => progressLine(topic, print);
    const found = await topicIds(kafka, topics, { signal, progress });
    const { captured, minId } = found;
    requireNotLowered(names, { topicEnds: found.ends });
    requireCovered(names, before, captured);
    print(
      `${topics.map(({ topic }) => topic).join(' and ')}: ${captured.count} rows, ids ${minId} to ${captured.maxId}, ${captured.buckets.size} buckets`,
    );
    const identity = identityFrom(server);
    const checkpoint = await fromNow(
      { config, source, identity, version, optionalColumns: [], signal, log },
      async (now) => {
        const known = { captured, version, topics: new LedgerTopics(names.topics) };
        await compareTail({ kafka, ...known, signal, log }, now.table);
        print('the table has the same rows where it has the newest of these');
        return checkpointAt(now, identity, found, options);
      },
    );
    // A scan takes long: whoever wrote meanwhile, and whatever a broker has closed, is behind this fence.
    await leadership.confirm();
    await withFenced(held, async (producer, fence) => {
      requireCovered(names, await emptyLedger(held, fence), captured);
      await write(producer, captured, checkpoint);
    });
    tell(options, checkpoint);
  } finally {
    await leadership.release();
  }
}

/** Returns those that are to be read. */
async function prepareTopics(options: RebuildOptions): Promise<readonly ScannedTopic[]> {
  const { kafka, names } = options;
  const admin = kafka.admin({ retry: { retries: 3 } });
  try {
    await admin.connect();
    const topics = topicsToRead(names, await admin.listTopics());
    await ensureTopics(admin, options);
    return topics;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** With a producer that has ended every older one. */
async function withFenced<T>(
  { kafka, names, config }: RebuildOptions,
  work: (producer: TransactionalProducer, fence: string) => Promise<T>,
): Promise<T> {
  const producer = new TransactionalProducer(kafka, {
    ...names,
    transactionTimeoutMs: config.kafka_transaction_timeout,
  });
  try {
    return await work(producer, await producer.fence());
  } finally {
    await producer.close();
  }
}

async function checkpointAt(
  { p0, table, optionalColumns }: Outset,
  identity: SourceIdentity,
  { minId, ends }: TopicIds,
  { config }: RebuildOptions,
): Promise<Checkpoint> {
  return {
    ledgerUuid: config.ledger_uuid ?? randomUUID(),
    source: identity,
    position: p0,
    gtidSet: '',
    event: null,
    commitTimeMs: 0,
    openGroup: null,
    startFloor: { position: p0, id: minId },
    reconcile: await reconcileFrom('request', p0, table, minId),
    optionalColumns,
    topicEnds: ends,
  };
}

/** A transaction for each request: until the checkpoint is there, nothing of it counts. */
async function write(
  producer: TransactionalProducer,
  captured: CapturedIds,
  checkpoint: Checkpoint,
): Promise<void> {
  for (const request of ledgerRequests(messages(captured, checkpoint))) {
    const transaction = await producer.begin();
    await transaction.sendLedger(request);
    await transaction.commit();
  }
}

function* messages(captured: CapturedIds, checkpoint: Checkpoint): Generator<LedgerMessage> {
  for (const bucket of captured.buckets.values()) yield bucketMessage(bucket);
  yield checkpointMessage(checkpoint);
}

function tell({ config, names, print }: RebuildOptions, checkpoint: Checkpoint): void {
  const { ledgerUuid, position, reconcile, startFloor } = checkpoint;
  print(`${names.ledgerTopic}: written, ledger ${ledgerUuid}`);
  const from = `${position.file}:${position.offset}`;
  const read =
    reconcile === null ? '' : `, and reads the table's ids ${reconcile.from} to ${reconcile.to}`;
  print(`rows of the table below id ${startFloor.id} count as declined`);
  print(`start capture now: it streams from ${from}${read}, for what the topic lacks`);
  if (config.ledger_uuid === undefined) {
    print(
      'the uuid is a new one: before a sink is started again, see that its lag is 0, or that none of its inserts still runs',
    );
  }
}
