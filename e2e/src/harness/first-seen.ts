import { randomUUID } from 'node:crypto';

import { until } from '@scoreline/testing';
import type { Consumer, Kafka } from 'kafkajs';

/** Magic byte and schema id. */
const HEADER_BYTES = 5;

/** When rows are first seen by a read_committed consumer: what freshness is to whoever reads the topic. */
export class FirstSeen {
  readonly #consumer: Consumer;
  /** Ids, and when they came, in the order in which they came. */
  readonly #seen: { readonly id: number; readonly at: number }[] = [];

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async of(kafka: Kafka, topic: string): Promise<FirstSeen> {
    const consumer = kafka.consumer({ groupId: `seen-${randomUUID()}`, maxWaitTimeInMs: 20 });
    const seen = new FirstSeen(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message: { value } }) => {
        if (value !== null) seen.#seen.push({ id: idOf(value), at: performance.now() });
      },
    });
    return seen;
  }

  /** Waits for a row with a higher id, and returns when it came, by `performance.now()`. */
  async above(id: number): Promise<number> {
    let looked = 0;
    return until(
      () => {
        for (; looked < this.#seen.length; looked++) {
          const { id: seen, at } = this.#seen[looked]!;
          if (seen > id) return at;
        }
        return null;
      },
      { what: `a row above ${id}`, timeoutMs: 60_000 },
    );
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
  }
}

/** The first field of a record: an Avro long. */
function idOf(value: Buffer): number {
  let zigzag = 0;
  let at = HEADER_BYTES;
  for (let factor = 1; ; factor *= 128) {
    const byte = value[at++] ?? 0;
    zigzag += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  return zigzag / 2;
}
