import { once } from 'node:events';
import { connect } from 'node:net';

import { KafkaFrames, until } from '@scoreline/testing';

import { compactArray, CompactReader, compactString, NO_TAGS } from './compact.ts';

/** Requests that kafkajs does not know. Both are made in their version 0. */
const DESCRIBE_TRANSACTIONS = 65;
const LIST_TRANSACTIONS = 66;

/** A broker that has just started does not know all its transactions yet. */
const LOADING = 14;
const ANSWER_MS = 10_000;

/**
 * Transactional ids of the transactions that are open, by the word of a broker. Kafka's own tool says the
 * same, after the seconds that a JVM takes: too late for what is over soon.
 */
export async function openTransactions(broker: string): Promise<readonly string[]> {
  const ongoing = compactArray([compactString('Ongoing')]);
  const ofAnyProducer = compactArray([]);
  const answer = await until(
    async () => {
      const one = await ask(broker, LIST_TRANSACTIONS, [ongoing, ofAnyProducer]);
      const code = one.int16();
      if (code === LOADING) return null;
      assertNone(code);
      return one;
    },
    { what: 'a broker that has loaded its transactions' },
  );
  const unknown = answer.array(() => answer.string());
  if (unknown.length > 0) throw new Error(`the broker does not know the state ${unknown.join()}`);
  return answer.array(() => {
    const id = answer.string();
    answer.skip(8); // id of its producer
    answer.string();
    answer.tags();
    return id;
  });
}

/** The topics that the transaction at hand of a transactional id has been given partitions of. */
export async function topicsOfTransaction(broker: string, id: string): Promise<readonly string[]> {
  const ids = compactArray([compactString(id)]);
  const answer = await ask(broker, DESCRIBE_TRANSACTIONS, [ids]);
  const [topics = []] = answer.array(() => {
    assertNone(answer.int16());
    answer.string();
    answer.string();
    answer.skip(4 + 8 + 8 + 2); // its timeout, when it began, id and epoch of its producer
    const names = answer.array(() => {
      const name = answer.string();
      answer.array(() => answer.skip(4));
      answer.tags();
      return name;
    });
    answer.tags();
    return names;
  });
  return topics;
}

function assertNone(code: number): void {
  if (code !== 0) throw new Error(`the broker answers with error ${code}`);
}

/** What follows in the answer to how long the broker has held it back. */
async function ask(
  broker: string,
  apiKey: number,
  fields: readonly Buffer[],
): Promise<CompactReader> {
  const [host = '', port = ''] = broker.split(':');
  const socket = connect(Number(port), host);
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`${broker} does not answer`)));
  try {
    await once(socket, 'connect');
    socket.write(requestFrame(apiKey, fields));
    const frames = new KafkaFrames();
    for await (const chunk of socket) {
      const [frame] = frames.take(chunk as Buffer);
      if (frame !== undefined) return bodyOf(frame);
    }
    throw new Error(`${broker} has closed the connection`);
  } finally {
    socket.destroy();
  }
}

function requestFrame(apiKey: number, fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(14);
  head.writeInt16BE(apiKey, 4);
  // Of version 0, and with the correlation id 0, of a client without a name.
  head.writeInt16BE(-1, 12);
  const frame = Buffer.concat([head, NO_TAGS, ...fields, NO_TAGS]);
  frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}

function bodyOf(frame: Buffer): CompactReader {
  const reader = new CompactReader(frame);
  reader.skip(4 + 4); // size and correlation id
  reader.tags();
  reader.skip(4);
  return reader;
}
