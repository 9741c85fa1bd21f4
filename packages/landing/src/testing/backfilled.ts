import { ensureTopic, RecordBatch, rowTopicSpec } from '@scoreline/kafka';
import { backfillTopicName, sinkGroupName, wireHeader } from '@scoreline/schema';

import { type Pipeline, SCHEMA_ID, visible } from './pipeline.ts';
import { encodeRow, sampleRow } from './sample-rows.ts';

const PARTITIONS = 2;

/** What is published once more for one sink. */
export interface Backfilled {
  readonly topic: string;
  readonly group: string;
  produce(ids: readonly number[]): Promise<void>;
  /** Null while an offset is missing. */
  lag(): Promise<number | null>;
  /** Metadata of each partition that has a commit. */
  metadata(): Promise<string[]>;
}

/** As capture leaves it, for one sink of a pipeline. */
export async function backfilled(p: Pipeline, sink: string): Promise<Backfilled> {
  const topic = backfillTopicName(p.topic, sink);
  const group = sinkGroupName(sink, topic);
  const managed = { manage_topics: true, topic_replication: 1 };
  await ensureTopic(p.admin, rowTopicSpec(topic, PARTITIONS), managed);
  const commits = async () => {
    const [found] = await p.admin.fetchOffsets({ groupId: group, topics: [topic] });
    return (found?.partitions ?? []).filter(({ offset }) => Number(offset) >= 0);
  };
  return {
    topic,
    group,
    async produce(ids) {
      const batches = Array.from({ length: PARTITIONS }, (_, at) => new RecordBatch(at));
      const key = Buffer.from('1');
      for (const id of ids) {
        const row = encodeRow(sampleRow(id));
        const batch = batches[id % PARTITIONS]!;
        batch.append(key, wireHeader(SCHEMA_ID), row, 0, row.length, Date.now());
      }
      const messages = batches.filter(({ length }) => length > 0);
      const transaction = await p.producer.transaction();
      const written = await transaction.send({ topic, messages });
      await transaction.commit();
      await visible(p.admin, topic, written);
    },
    async lag() {
      const committed = await commits();
      if (committed.length < PARTITIONS) return null;
      const ends = await p.admin.fetchTopicOffsets(topic);
      const sum = (all: readonly string[]) => all.reduce((total, one) => total + Number(one), 0);
      return sum(ends.map(({ high }) => high)) - sum(committed.map(({ offset }) => offset));
    },
    metadata: async () => (await commits()).map(({ metadata }) => metadata ?? ''),
  };
}
