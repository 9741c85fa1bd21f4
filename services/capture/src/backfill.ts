import type { Source } from '@scoreline/database';
import { ensureTopic, rowTopicSpec } from '@scoreline/kafka';
import {
  CapturedIds,
  type Checkpoint,
  type LedgerState,
  readLedgerSnapshot,
} from '@scoreline/ledger';
import { backfillTopicName, sinkGroupName, wireHeader } from '@scoreline/schema';
import { ConfigError, type Logger, PermanentError, retry } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import { type BackfillTarget, checkRows, publishRows, type Wanted } from './backfill-rows.ts';
import { untilLanded } from './backfill-sink.ts';
import type { CaptureConfig } from './config.ts';
import { atSource, tableAt } from './from-now.ts';
import { registerSchema } from './ground.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { progressLine } from './progress-line.ts';
import { RateLimit } from './rate-limit.ts';
import { RecordPacker } from './record-packer.ts';
import { scanRows } from './scan-rows.ts';
import { topicEnds } from './topic-presence.ts';
import { TransactionalProducer } from './transactional-producer.ts';

export interface BackfillOptions {
  readonly config: CaptureConfig;
  readonly source: Source;
  readonly kafka: Kafka;
  readonly names: PipelineNames;
  readonly prefix: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly log: Logger;
}

/**
 * Publishes rows once more, for one sink that began later than they: those with these ids, captured before and
 * still in the table, to a topic that this sink alone lands. Beside a capture that runs, and without its lock.
 *
 * Nothing goes out before the sink's own groups are past whatever the ledger had when this began, nor before
 * every captured id of the range is seen to be in the table. It may be killed and run again at any time: a
 * transactional id of its own ends what was left open, and what the topic has already is read first.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { config, kafka, names, signal, print } = options;
  const wanted = wantedOf(options);
  const { topic, sink } = wanted;
  const admin = kafka.admin({ retry: { retries: 3 } });
  let producer: TransactionalProducer | null = null;
  try {
    await admin.connect();
    const ledger = await readLedgerSnapshot(kafka, names.ledgerTopic, { signal });
    const checkpoint = requireRows(ledger, names);
    await untilLanded(admin, { sink, ends: endsOf(ledger, checkpoint), signal, print });
    const schemaId = await registerSchema(config, names, signal);
    producer = await takeOver(options, sink);
    const published = await publishedIds(options, admin, topic);
    const sets = { captured: ledger.captured, published };
    const identity = checkpoint.source;
    await atSource({ ...options, identity }, async (connection) => {
      const { optionalColumns } = checkpoint;
      const { version } = names;
      const table = await tableAt(connection, { ...options, identity, version, optionalColumns });
      const from = { table, sets, print };
      await checkRows(wanted, from);
      const publish = await publisher(options, wanted, { admin, producer: producer!, schemaId });
      const rate = new RateLimit(config.reconcile_rate);
      await publishRows(wanted, from, { publish, rate, signal });
    });
    print(
      `start sink-${sink} again: it lands ${topic} from its start on, as ${sinkGroupName(sink, topic)}`,
    );
  } finally {
    await producer?.close();
    await admin.disconnect().catch(() => {});
  }
}

/** @throws ConfigError `settings` */
function wantedOf({ config, names }: BackfillOptions): Wanted {
  const { backfill_sink: sink, backfill_ids: ids } = config;
  if (sink !== undefined && ids !== undefined) {
    return { sink, ids, topic: backfillTopicName(names.topic, sink) };
  }
  const missing = sink === undefined ? 'backfill_sink' : 'backfill_ids';
  throw new ConfigError(`${missing}: --backfill must be told which sink, and which ids`, {
    code: 'settings',
    remedy: 'For instance: --backfill-sink clickhouse --backfill-ids 1-5000000',
  });
}

/** @throws PermanentError `ledger-missing`, `topic-missing` */
function requireRows(
  { checkpoint }: LedgerState,
  { ledgerTopic, topic }: PipelineNames,
): Checkpoint {
  if (checkpoint === null) {
    throw new PermanentError(`${ledgerTopic} has no checkpoint`, {
      code: 'ledger-missing',
      remedy: 'Check topic_prefix and table. Nothing is captured yet, and so nothing to backfill.',
    });
  }
  if (checkpoint.topicEnds[topic] !== undefined) return checkpoint;
  throw new PermanentError(`${ledgerTopic} has no rows in ${topic}`, {
    code: 'topic-missing',
    remedy: 'Start capture with the same topic_version first, so that its rows have a schema.',
  });
}

function endsOf(
  { retired }: LedgerState,
  { topicEnds: ends }: Checkpoint,
): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(Object.entries(ends).filter(([topic]) => !retired.has(topic)));
}

/** A backfill for the same sink that still runs fails from here on. */
function takeOver(
  { config, kafka, names, prefix, source, signal, log }: BackfillOptions,
  sink: string,
): Promise<TransactionalProducer> {
  const take = async (): Promise<TransactionalProducer> => {
    const producer = new TransactionalProducer(kafka, {
      ledgerTopic: names.ledgerTopic,
      transactionalId: `${prefix}scoreline-backfill-${sink}-${source.table}`,
      transactionTimeoutMs: config.kafka_transaction_timeout,
    });
    try {
      await producer.takeOver();
      return producer;
    } catch (error) {
      await producer.close();
      throw error;
    }
  };
  return retry(take, { signal, log, what: 'taking the backfill over', maxDelayMs: 1_000 });
}

/** Complete, since nobody else can add to it any more. */
async function publishedIds(
  { kafka, names, signal, print }: BackfillOptions,
  admin: Admin,
  topic: string,
): Promise<CapturedIds> {
  const published = new CapturedIds();
  if (!(await admin.listTopics()).includes(topic)) return published;
  await scanRows(
    kafka,
    { topic, version: names.version },
    { signal, progress: progressLine(topic, print) },
    { row: ({ id }) => published.add(id) },
  );
  print(`${topic}: has ${published.count} rows`);
  return published;
}

async function publisher(
  { config, names, signal, print }: BackfillOptions,
  { topic }: Wanted,
  {
    admin,
    producer,
    schemaId,
  }: { readonly admin: Admin; readonly producer: TransactionalProducer; readonly schemaId: number },
): Promise<BackfillTarget['publish']> {
  const { length } = await topicEnds(admin, names.topic, { signal });
  const { partitions, notes } = await ensureTopic(admin, rowTopicSpec(topic, length), config);
  for (const note of notes) print(note);
  const packer = new RecordPacker(partitions, wireHeader(schemaId));
  return async (chunk) => {
    const transaction = await producer.begin();
    packer.begin([chunk]);
    for (let batches = packer.next(); batches.length > 0; batches = packer.next()) {
      await transaction.send(topic, batches);
    }
    await transaction.commit();
  };
}
