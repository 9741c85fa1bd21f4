import { randomUUID } from 'node:crypto';

import avro from 'avsc';
import type { Consumer, EachBatchPayload } from 'kafkajs-unpatched';

import { plainKafka } from '../kafka.ts';
import { type Datum, rowOf } from './datum.ts';
import { readSide, type Scan, type Side } from './side.ts';

export interface TopicSideOptions {
  /** `host:port`, ... */
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
}

/**
 * The topic as any reader of committed records sees it: kafkajs as its authors released it, without
 * the patch that the services carry, and avsc with the schemas that the registry gives.
 */
export function readTopicSide(options: TopicSideOptions): Promise<Side> {
  const schemas = new Schemas(options.registryUrl);
  return readSide('topic', (visit) => scanTopic(options, schemas, visit));
}

async function scanTopic(
  { brokers, topic }: TopicSideOptions,
  schemas: Schemas,
  visit: Parameters<Scan>[0],
): Promise<void> {
  const kafka = plainKafka('compare', brokers);
  const groupId = `compare-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: QUIET_MS,
    maxBytesPerPartition: 4 * 1024 * 1024,
    readUncommitted: false,
  });
  const reading = new Reading(consumer);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }: EachBatchPayload) =>
        reading.take(async () => {
          for (const { value, offset } of batch.messages) {
            const where = (): string => `partition ${batch.partition} offset ${offset}`;
            if (value === null) throw new Error(`${topic}: ${where()} has no value`);
            const id = value.readUInt32BE(1);
            const type = schemas.known(id) ?? (await schemas.fetch(id));
            visit(rowOf(decode(type, value, where)), where);
          }
        }),
    });
    await reading.end;
  } finally {
    await consumer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }
}

/** A fetch that waited so long and brought nothing is one at the end of everything that is committed. */
const QUIET_MS = 200;
/** One that took as long and did bring something is known for that when the next one has come. */
const QUIET_FETCHES = 3;

/**
 * Knows when everything is read: at some fetches in a row in which the broker waited and had nothing.
 * Offsets would not do: what comes last in a partition is a marker, which no reader sees.
 */
class Reading {
  readonly end: Promise<void>;
  #fail: (error: Error) => void = () => {};
  #taken = 0;

  constructor(consumer: Consumer) {
    this.end = new Promise((resolve, reject) => {
      this.#fail = reject;
      let [quiet, takenBefore, joins] = [0, 0, 0];
      consumer.on(consumer.events.FETCH, ({ payload }) => {
        quiet = payload.duration >= QUIET_MS && this.#taken === takenBefore ? quiet + 1 : 0;
        takenBefore = this.#taken;
        if (quiet === QUIET_FETCHES) resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // It joins again by itself where a new broker has not loaded its groups yet.
        if (!payload.restart) reject(payload.error);
      });
      consumer.on(consumer.events.GROUP_JOIN, () => {
        // Nothing is committed: a second join would read everything again, and count it twice.
        if (++joins > 1) reject(new Error('the reader of the topic was rebalanced: compare again'));
      });
    });
    this.end.catch(() => {});
  }

  /** Runs the work for a batch; kafkajs would retry what fails, and read it again. */
  async take(work: () => Promise<void>): Promise<void> {
    this.#taken++;
    await work().catch((error: unknown) => this.#fail(error as Error));
  }
}

function decode(type: avro.Type, value: Buffer, where: () => string): Datum {
  if (value[0] !== 0) throw new Error(`${where()} does not begin with the registry's 0 byte`);
  try {
    return type.fromBuffer(value.subarray(5)) as Datum;
  } catch (cause) {
    throw new Error(`${where()} does not decode: ${value.toString('hex')}`, { cause });
  }
}

class Schemas {
  readonly #url: string;
  readonly #types = new Map<number, avro.Type>();

  constructor(url: string) {
    this.#url = url;
  }

  known(id: number): avro.Type | undefined {
    return this.#types.get(id);
  }

  async fetch(id: number): Promise<avro.Type> {
    const response = await fetch(`${this.#url}/schemas/ids/${id}`);
    if (!response.ok) throw new Error(`the registry has no schema ${id}: ${await response.text()}`);
    const { schema } = (await response.json()) as { schema: string };
    const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema);
    this.#types.set(id, type);
    return type;
  }
}
