import { setTimeout as delay } from 'node:timers/promises';

import type { Admin } from 'kafkajs';

import type { Bench } from './bench.ts';
import type { Sample } from './drain-window.ts';
import { type Identity, IdSet } from './identity.ts';
import { readCpuSeconds } from './proc.ts';
import type { MeasuredProcess } from './process.ts';

/** Fine enough for a backlog that is drained within two seconds. */
const SAMPLE_MS = 20;
/** No system's sends are this far apart: what has not grown for so long has reached its end. */
const QUIET_MS = 700;
const STALLED_MS = 90_000;

export interface Watched {
  readonly topic: string;
  /** Fewest records that mean the end may have come. */
  readonly rows: number;
  readonly process: MeasuredProcess;
}

/** Samples a topic's end offsets, beside the CPU time of who fills it, until it is filled. */
export async function watchTopic(
  { sampler, signal }: Bench,
  { topic, rows, process }: Watched,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  let grownAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    if (!process.running) throw await process.failure('ended before its work was done');
    const before = samples.at(-1)?.total ?? 0;
    const total = await endOffset(sampler, topic).catch((error: unknown) => {
      if (before === 0 && isNotThereYet(error)) return 0;
      throw error;
    });
    const atMs = performance.now();
    if (total > before) grownAt = atMs;
    samples.push({ atMs, total, cpuSeconds: readCpuSeconds(process.pid) });
    if (total >= rows && atMs - grownAt > QUIET_MS) return samples;
    if (atMs - grownAt > STALLED_MS)
      throw await process.failure(
        `brought ${total} of ${rows} records, then none for ${STALLED_MS / 1000} s`,
      );
    await delay(SAMPLE_MS);
  }
}

/** A topic that is just being made has no leader for a moment, or is not known at all. */
const NOT_THERE_YET = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]);

function isNotThereYet(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return NOT_THERE_YET.has(type ?? cause?.type ?? '');
}

async function endOffset(admin: Admin, topic: string): Promise<number> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return partitions.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
}

/** A topic for a peer, new and empty. */
export async function recreateTopic({ admin }: Bench, topic: string): Promise<void> {
  if ((await admin.listTopics()).includes(topic)) {
    await admin.deleteTopics({ topics: [topic] });
    while ((await admin.listTopics()).includes(topic)) await delay(50);
  }
  await admin.createTopics({
    topics: [{ topic, numPartitions: 1, replicationFactor: 1 }],
    waitForLeaders: true,
  });
}

/** Reads what is committed in a topic with a plain consumer, and tells which ids there are. */
export async function readIdentity(
  { kafka, admin, signal }: Bench,
  { topic, rows, id }: { topic: string; rows: number; id: (value: Buffer) => number },
): Promise<Identity> {
  const groupId = `bench-reader-${topic}-${Date.now()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const ids = new IdSet();
  let grownAt = performance.now();
  let failure: unknown;
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    failure ??= payload.error;
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        grownAt = performance.now();
        try {
          for (const { value } of batch.messages) ids.add(id(value ?? Buffer.alloc(0)));
        } catch (error) {
          failure ??= error;
        }
        return Promise.resolve();
      },
    });
    for (;;) {
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
      const quietMs = performance.now() - grownAt;
      // A little longer, because a record too many would come last.
      if (ids.identity.count >= rows ? quietMs > QUIET_MS : quietMs > 15_000) return ids.identity;
      await delay(50);
    }
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]);
  }
}
