import { setTimeout as delay } from 'node:timers/promises';

import { partitionFor, PartitionReader } from '@scoreline/kafka';
import { createConnection, type ResultSetHeader } from 'mysql2/promise';

import { type Bench, sqlAddress } from '../bench.ts';
import { avroId } from '../identity.ts';

/** No row of the backlog is of this server, so that all of these go to one partition. */
const SERVER = 5_000;
const EVERY_MS = 10;
const ARRIVAL_TIMEOUT_MS = 30_000;

export interface FreshRows {
  /** Writes no more, waits for the last row, and tells how long each took, in milliseconds. */
  stop(): Promise<number[]>;
}

/**
 * Inserts a row now and then, and reads it back from the topic: how old it is when a consumer that sees
 * committed records only has it, counted from before the INSERT was sent.
 */
export async function startFreshRows(
  bench: Bench,
  { database, topic }: { readonly database: string; readonly topic: string },
): Promise<FreshRows> {
  const sql = await createConnection({ ...sqlAddress(bench.env), user: 'root', database });
  const sentAt = new Map<number, number>();
  const ages: number[] = [];
  const writing = new AbortController();
  const reading = new AbortController();
  const failed = new AbortController();
  const fail = (error: unknown): void => {
    if (!reading.signal.aborted) failed.abort(error);
  };
  const read = readIds(bench, topic, reading.signal, (id, atMs) => {
    const sent = sentAt.get(id);
    if (sent === undefined) return;
    sentAt.delete(id);
    ages.push(atMs - sent);
  }).catch(fail);
  const written = (async () => {
    while (!writing.signal.aborted) {
      const atMs = performance.now();
      const [{ insertId }] = await sql.query<ResultSetHeader>(
        `INSERT INTO log_scores (server_id, ts, score, step) VALUES (${SERVER}, NOW(), 20, 1)`,
      );
      sentAt.set(insertId, atMs);
      await delay(Math.max(0, EVERY_MS - (performance.now() - atMs)));
    }
  })().catch(fail);
  return {
    stop: async () => {
      writing.abort();
      await written;
      const giveUpAt = performance.now() + ARRIVAL_TIMEOUT_MS;
      while (sentAt.size > 0 && !failed.signal.aborted && performance.now() < giveUpAt)
        await delay(10);
      reading.abort();
      await read;
      await sql.end();
      failed.signal.throwIfAborted();
      if (sentAt.size > 0) throw new Error(`${sentAt.size} new rows did not arrive`);
      return ages;
    },
  };
}

/** A row can be in the topic before the answer to its INSERT has been read: what is seen is told later. */
async function readIds(
  { kafka, admin }: Bench,
  topic: string,
  signal: AbortSignal,
  seen: (id: number, atMs: number) => void,
): Promise<void> {
  const partition = partitionFor(String(SERVER), (await admin.fetchTopicOffsets(topic)).length);
  const reader = new PartitionReader(kafka, { topic, partition }, 60_000);
  try {
    const { end } = await reader.bounds(signal);
    await reader.read(end, signal, (records) => {
      const atMs = performance.now();
      const ids = records.map(({ value }) => avroId(value!));
      setTimeout(() => ids.forEach((id) => seen(id, atMs)), 1_000);
      return false;
    });
  } finally {
    await reader.close();
  }
}
