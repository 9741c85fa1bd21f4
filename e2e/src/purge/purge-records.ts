import { scanTopic } from '@scoreline/kafka';
import type { Kafka } from 'kafkajs';

/** What the purge has written of one chunk, as far as its evidence goes. */
export interface FoundRecord {
  readonly kind: 'intent' | 'done' | 'resolved';
  readonly chunk: string;
  readonly ids: readonly number[];
  readonly sinks: readonly string[];
}

interface Written {
  readonly kind: FoundRecord['kind'];
  readonly chunk: string;
  readonly ids: readonly string[];
  readonly sinks: Readonly<Record<string, unknown>>;
}

/** Every record of the purge, in order; none while it has not made its topic. */
export async function purgeRecords(kafka: Kafka, topic: string): Promise<readonly FoundRecord[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return [];
  } finally {
    await admin.disconnect();
  }
  const found: FoundRecord[] = [];
  const signal = AbortSignal.timeout(30_000);
  await scanTopic(kafka, topic, { signal }, (record) => {
    const { bytes, valueStart, valueLength } = record;
    const value = bytes.toString('utf8', valueStart, valueStart + valueLength);
    const { kind, chunk, ids, sinks } = JSON.parse(value) as Written;
    found.push({ kind, chunk, ids: ids.flatMap(idsOf), sinks: Object.keys(sinks) });
  });
  return found;
}

/** `5` or `7-9`. */
function idsOf(range: string): number[] {
  const [from = 0, to = from] = range.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
