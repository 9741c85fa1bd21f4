import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';

import { createKafka, ensureTopic, isPassing, RecordBatch, rowTopicSpec } from '@scoreline/kafka';
import { checkpointMessage, ledgerSpec, ledgerTopic } from '@scoreline/ledger';
import { LOG_SCORE_V1_JSON, topicName, wireHeader } from '@scoreline/schema';
import { createLog, loadConfig, retry } from '@scoreline/service';
import { uniqueName, until } from '@scoreline/testing';
import type { Admin, Kafka, Producer, RecordMetadata, Transaction } from 'kafkajs';
import { z } from 'zod';

import { type LandingConfig, landingSettings } from '../settings.ts';
import { registryStub } from './registry-stub.ts';
import { encodeRow, sampleRow } from './sample-rows.ts';

export const SCHEMA_ID = 7;

const BATCH_BYTES = 500_000;

/** How long the coordinator of a group may be on the move, on a broker that has just started. */
const COORDINATOR_MS = 30_000;

/** Topic, ledger and registry as capture would leave them, under names of their own. */
export interface Pipeline {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly topic: string;
  readonly table: string;
  readonly ledgerUuid: string;
  /** Environment of a sink that lands this topic, less what its destination needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly config: LandingConfig;
  /** One transaction with these rows in one partition; `abort` leaves them aborted. */
  produce(partition: number, rows: readonly Buffer[], end?: 'commit' | 'abort'): Promise<void>;
  /** Rows `from` to `to` (exclusive), ids spread over the partitions. */
  produceIds(from: number, to: number): Promise<void>;
  readonly groupOf: (sink: string) => string;
  /** Sum over the partitions of log end less committed offset, as kafka-consumer-groups computes it; null while an offset is missing. */
  lag(sink: string): Promise<number | null>;
  commits(sink: string): Promise<Commits>;
}

/** What a group has committed, by partition. */
export type Commits = ReadonlyMap<number, { readonly offset: bigint; readonly metadata: string }>;

export const quiet = createLog('test', { log_level: process.env['TEST_LOG'] ?? 'silent' });

export async function pipeline(
  t: TestContext,
  brokers: string,
  { partitions = 3 }: { readonly partitions?: number } = {},
): Promise<Pipeline> {
  const topic_prefix = `${uniqueName('landing')}.`;
  const table = 'log_scores';
  const topic = topicName(table, 1, topic_prefix);
  const env = {
    kafka_brokers: brokers,
    topic_prefix,
    table,
    schema_registry_url: await registryStub(t, { [SCHEMA_ID]: LOG_SCORE_V1_JSON }),
  };
  const config = loadConfig(z.object(landingSettings), env);
  const kafka = createKafka(config, { clientId: 'test', log: quiet });
  const admin = kafka.admin();
  await admin.connect();
  const ledger = ledgerTopic(table, topic_prefix);
  t.after(async () => {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(topic_prefix));
    await admin.deleteTopics({ topics });
    await admin.disconnect();
  });
  const managed = { manage_topics: true, topic_partitions: partitions, topic_replication: 1 };
  await ensureTopic(admin, rowTopicSpec(topic, partitions), managed);
  await ensureTopic(admin, ledgerSpec(ledger), managed);

  const producer = kafka.producer({
    transactionalId: topic,
    maxInFlightRequests: 1,
    retry: { retries: 0 },
  });
  await producer.connect();
  t.after(() => producer.disconnect());
  const ledgerUuid = randomUUID();
  const first = await producer.transaction();
  await first.send({ topic: ledger, messages: [{ partition: 0, ...checkpointOf(ledgerUuid) }] });
  await first.commit();

  async function inTransaction(
    work: (transaction: Transaction) => Promise<RecordMetadata[]>,
    end: 'commit' | 'abort' = 'commit',
  ): Promise<void> {
    const transaction = await producer.transaction();
    const written = await work(transaction);
    await transaction[end]();
    await visible(admin, topic, written);
  }

  async function send(
    transaction: Transaction,
    rows: ReadonlyMap<number, readonly Buffer[]>,
  ): Promise<RecordMetadata[]> {
    const written: RecordMetadata[] = [];
    const left = new Map([...rows].map(([partition, all]) => [partition, { all, at: 0 }]));
    for (;;) {
      const batches: RecordBatch[] = [];
      for (const [partition, rest] of left) {
        const batch = new RecordBatch(partition, BATCH_BYTES);
        for (; rest.at < rest.all.length; rest.at++) {
          const row = rest.all[rest.at]!;
          const key = Buffer.from('1');
          if (!batch.append(key, HEADER, row, 0, row.length, Date.now())) break;
        }
        if (batch.length > 0) batches.push(batch);
      }
      if (batches.length === 0) return written;
      written.push(...(await transaction.send({ topic, messages: batches })));
    }
  }

  const groupOf = (sink: string) => `sink-${sink}.${topic}`;
  const commits: Pipeline['commits'] = async (sink) => {
    const [found] = await retry(
      () => admin.fetchOffsets({ groupId: groupOf(sink), topics: [topic] }),
      {
        signal: AbortSignal.timeout(COORDINATOR_MS),
        log: quiet,
        what: 'asking for what is committed',
        classify: isPassing,
      },
    );
    return new Map(
      found?.partitions
        .filter(({ offset }) => BigInt(offset) >= 0n)
        .map(({ partition, offset, metadata }) => [
          partition,
          { offset: BigInt(offset), metadata: metadata ?? '' },
        ]),
    );
  };

  return {
    kafka,
    admin,
    producer,
    topic,
    table,
    ledgerUuid,
    env,
    config,
    groupOf,
    commits,
    produce: (partition, rows, end) =>
      inTransaction((transaction) => send(transaction, new Map([[partition, rows]])), end),
    async produceIds(from, to) {
      const rows = new Map<number, Buffer[]>();
      for (let id = from; id < to; id++) {
        const partition = id % partitions;
        const all = rows.get(partition) ?? [];
        if (all.length === 0) rows.set(partition, all);
        all.push(encodeRow(sampleRow(id)));
      }
      await inTransaction((transaction) => send(transaction, rows));
    },
    async lag(sink) {
      const committed = await commits(sink);
      let lag = 0;
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const commit = committed.get(partition);
        if (commit === undefined) return null;
        lag += Number(BigInt(high) - commit.offset);
      }
      return lag;
    },
  };
}

/**
 * EndTxn is answered before its markers are in the partitions: only behind them readers of what is
 * committed see that anything is there, so that a lag of 0 would mean nothing.
 */
export async function visible(
  admin: Pick<Admin, 'fetchTopicOffsets'>,
  topic: string,
  written: readonly RecordMetadata[],
): Promise<void> {
  const isVisible = async () => {
    const found = await admin.fetchTopicOffsets(topic);
    const ends = new Map(found.map(({ partition, high }) => [partition, BigInt(high)]));
    return written.every(
      ({ partition, baseOffset }) => (ends.get(partition) ?? 0n) > BigInt(baseOffset ?? 0),
    );
  };
  await until(isVisible, { what: 'the end of a transaction', everyMs: 5 });
}

const HEADER = wireHeader(SCHEMA_ID);

/** As capture writes it, of a source that does not matter. */
export function checkpointOf(ledgerUuid: string): { key: Buffer; value: Buffer } {
  return checkpointMessage({
    ledgerUuid,
    source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
    position: { file: 'binlog.000001', offset: 4 },
    gtidSet: '',
    event: null,
    commitTimeMs: 0,
    openGroup: null,
    reconcile: null,
    startFloor: { position: { file: 'binlog.000001', offset: 4 }, id: 0 },
    optionalColumns: [],
    topicEnds: {},
  });
}
