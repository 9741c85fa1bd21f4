import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { partitionFor } from '@scoreline/kafka';
import {
  bucketMessage,
  CapturedIds,
  type Checkpoint,
  checkpointMessage,
  decodeEntry,
  readLedgerSnapshot,
  reconcileRequestMessage,
} from '@scoreline/ledger';
import { DatumWalker, WIRE_HEADER_BYTES, wireHeader } from '@scoreline/schema';
import { uniqueName, until } from '@scoreline/testing';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';

import { datumOf, decodedRow } from './encoded-rows.ts';

export interface CapturedRecord {
  readonly id: number;
  readonly partition: number;
  readonly timestamp: number;
  readonly value: Buffer;
}

/** What a test compares with the table. */
export interface CapturedRow {
  readonly id: number;
  readonly server_id: number;
  readonly score: number;
}

const MARKERS_MS = 300;

/** Topic and ledger of a test's own, read as any consumer reads them. */
export class CapturedTopic {
  readonly prefix = `${uniqueName('capture')}-`;
  readonly topic = `${this.prefix}log_scores-v1`;
  readonly ledger = `${this.prefix}log_scores.ledger`;
  readonly kafka: Kafka;
  readonly admin: Admin;

  private constructor(brokers: string) {
    this.kafka = new kafkajs.Kafka({
      brokers: brokers.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.admin = this.kafka.admin();
  }

  static async create(t: TestContext, brokers: string): Promise<CapturedTopic> {
    const topic = new CapturedTopic(brokers);
    await topic.admin.connect();
    t.after(async () => {
      // A topic that is not there is asked for again and again, for ten seconds.
      const there = await topic.admin.listTopics();
      const topics = there.filter((name) => name.startsWith(topic.prefix));
      if (topics.length > 0) await topic.admin.deleteTopics({ topics });
      await topic.admin.disconnect();
    });
    return topic;
  }

  /** Committed records, as soon as there are `count`, and what comes in the moment after. */
  async read(count: number, timeoutMs = 60_000): Promise<CapturedRecord[]> {
    const records: CapturedRecord[] = [];
    const walker = new DatumWalker();
    const consumer = this.kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 100 });
    await consumer.connect();
    try {
      await consumer.subscribe({ topic: this.topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        // Not `eachMessage`: Node's test runner follows every promise, and there are thousands of records.
        eachBatch: async ({ batch: { partition, messages } }) => {
          for (const { key, value, timestamp } of messages) {
            assert.equal(partition, partitionFor(key!, 6));
            walker.walk(value!, WIRE_HEADER_BYTES, value!.length);
            const { id } = walker;
            records.push({ id, partition, timestamp: Number(timestamp), value: value! });
          }
        },
      });
      const giveUpAt = Date.now() + timeoutMs;
      while (records.length < count && Date.now() < giveUpAt) await delay(50);
      await delay(500);
    } finally {
      await consumer.disconnect();
    }
    return records;
  }

  /** The same, decoded by a library that capture does not use. */
  async readRows(count: number): Promise<CapturedRow[]> {
    const records = await this.read(count);
    return records.map(({ value }) => decodedRow(value.subarray(WIRE_HEADER_BYTES)) as CapturedRow);
  }

  /** Records of all partitions, of open transactions too. */
  async ends(): Promise<number> {
    const ends = await this.admin.fetchTopicOffsets(this.topic);
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  }

  /** Row by row: every id once, and no other. */
  async assertHolds(ids: readonly number[]): Promise<CapturedRecord[]> {
    const records = await this.read(ids.length);
    const seen = records.map(({ id }) => id).toSorted((a, b) => a - b);
    const known = new Set(ids);
    const found = new Set(seen);
    assert.deepEqual(
      {
        missing: ids.filter((id) => !found.has(id)).slice(0, 10),
        unknown: seen.filter((id) => !known.has(id)).slice(0, 10),
        twice: seen.filter((id, index) => seen[index - 1] === id).slice(0, 10),
        records: seen.length,
      },
      { missing: [], unknown: [], twice: [], records: ids.length },
    );
    return records;
  }

  /** The newest one that is committed, as soon as there is one. */
  async checkpoint(): Promise<Checkpoint> {
    // A commit is answered before its markers are written, without which nobody is shown its records.
    await delay(MARKERS_MS);
    return until(() => this.#lastCheckpoint(), { what: 'a checkpoint in the ledger' });
  }

  async #lastCheckpoint(): Promise<Checkpoint | null> {
    const [log] = await this.admin.fetchTopicOffsets(this.ledger);
    let found: Checkpoint | null = null;
    for (let offset = log!.low; BigInt(offset) < BigInt(log!.high);) {
      const { messages, nextOffset } = await this.admin.fetchPartition({
        topic: this.ledger,
        partition: 0,
        offset,
        maxBytes: 10_000_000,
        maxWaitTimeInMs: 100,
      });
      for (const { key, value } of messages) {
        const entry = decodeEntry(key, value, 'ledger');
        if (entry.kind === 'checkpoint') found = entry.checkpoint;
      }
      offset = nextOffset;
    }
    return found;
  }

  /** What the ledger says of ids, ascending. */
  async ids(): Promise<{ readonly captured: number[]; readonly excluded: number[] }> {
    const { signal } = new AbortController();
    const { captured } = await readLedgerSnapshot(this.kafka, this.ledger, { signal });
    const buckets = [...captured.buckets.values()].toSorted((a, b) => a.number - b.number);
    const of = (kind: 'captured' | 'excluded'): number[] =>
      buckets.flatMap((bucket) => [...bucket[kind]].map((low) => bucket.firstId + low));
    return { captured: of('captured'), excluded: of('excluded') };
  }

  /** Puts another checkpoint into the ledger, as nothing but a test may. */
  async plant(checkpoint: Checkpoint): Promise<void> {
    await this.#send(this.ledger, [checkpointMessage(checkpoint)], 0);
  }

  /** Asks for ids, as another service does. */
  async request(ids: { readonly from: number; readonly to: number }): Promise<void> {
    const request = { ...ids, atMs: Date.now(), by: 'a test' };
    await this.#send(this.ledger, [reconcileRequestMessage(request)], 0);
  }

  /** Puts ids into the ledger whose rows nobody has published. */
  async plantIds(ids: readonly number[]): Promise<void> {
    const { signal } = new AbortController();
    const { checkpoint, captured } = await readLedgerSnapshot(this.kafka, this.ledger, { signal });
    for (const id of ids) assert.ok(captured.add(id));
    const messages = [...captured.changed].map(bucketMessage);
    await this.#send(this.ledger, [...messages, checkpointMessage(checkpoint!)], 0);
  }

  /** Puts buckets into the ledger, and no checkpoint behind them. */
  async plantBuckets(ids: readonly number[]): Promise<void> {
    const captured = new CapturedIds();
    for (const id of ids) assert.ok(captured.add(id));
    await this.#send(this.ledger, [...captured.changed].map(bucketMessage), 0);
  }

  /** Puts a row into the topic as nobody but capture may. Returns where it is. */
  async append(id: number, serverId: number): Promise<{ partition: number; offset: number }> {
    const key = Buffer.from(String(serverId));
    const value = Buffer.concat([wireHeader(1), datumOf({ id, server_id: serverId })]);
    return this.#send(this.topic, [{ key, value }], partitionFor(key, 6));
  }

  /** Puts something into the topic that is no row. */
  async appendGarbage(): Promise<{ partition: number; offset: number }> {
    return this.#send(this.topic, [{ key: Buffer.from('1'), value: Buffer.from('garbage') }], 0);
  }

  async #send(
    topic: string,
    messages: readonly { readonly key: Buffer; readonly value: Buffer }[],
    partition: number,
  ): Promise<{ partition: number; offset: number }> {
    const producer = this.kafka.producer();
    await producer.connect();
    try {
      const [sent] = await producer.send({
        topic,
        messages: messages.map((message) => ({ ...message, partition })),
      });
      return { partition, offset: Number(sent?.baseOffset) };
    } finally {
      await producer.disconnect();
    }
  }
}
