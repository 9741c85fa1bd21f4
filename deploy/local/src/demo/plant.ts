import { askClickhouse } from './clickhouse-http.ts';
import { plainKafka } from './kafka.ts';
import { record } from './one-record.ts';
import type { Plant } from './options.ts';
import { plantInFiles } from './plant-in-files.ts';

export interface PlantTarget {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Null where nothing lands in ClickHouse. */
  readonly clickhouseUrl: string | null;
  readonly database: string;
  /** The folder of the files. */
  readonly files: string;
}

/** Damages one row, for real, and resolves with what was done. Nothing else may be writing. */
export function plant({ damage, place }: Plant, target: PlantTarget): Promise<string> {
  switch (place) {
    case 'topic':
      return inTopic(damage, target);
    case 'clickhouse':
      return inClickhouse(damage, target);
    case 'file':
      return plantInFiles(damage, target.files);
    default:
      return place satisfies never;
  }
}

async function inClickhouse(
  damage: Plant['damage'],
  { clickhouseUrl, database }: PlantTarget,
): Promise<string> {
  if (clickhouseUrl === null) throw new Error('nothing lands in ClickHouse');
  const ask = async (sql: string, settings?: Record<string, string>): Promise<string> =>
    (await askClickhouse({ url: clickhouseUrl }, sql, settings)).text();
  const table = `${database}.log_scores`;
  const id = (await ask(`SELECT id FROM ${table} ORDER BY cityHash64(id) LIMIT 1`)).trim();
  if (id === '') throw new Error(`${table} has no row to damage`);
  switch (damage) {
    case 'drop':
      await ask(`ALTER TABLE ${table} DELETE WHERE id = ${id}`, { mutations_sync: '2' });
      return `deleted row ${id} from ClickHouse`;
    case 'dup':
      await ask(`INSERT INTO ${table} SELECT * FROM ${table} WHERE id = ${id}`, {
        insert_deduplicate: '0',
      });
      return `inserted row ${id} into ClickHouse again`;
    case 'flip':
      await ask(
        `ALTER TABLE ${table} UPDATE score = reinterpretAsFloat64(bitXor(reinterpretAsUInt64(score), 1)) WHERE id = ${id}`,
        { mutations_sync: '2' },
      );
      return `flipped the last bit of score in row ${id} in ClickHouse`;
    default:
      return damage satisfies never;
  }
}

/** A record cannot be changed in place, so a flip is a second copy with the bit flipped. */
async function inTopic(damage: Plant['damage'], { brokers, topic }: PlantTarget): Promise<string> {
  const kafka = plainKafka('plant', brokers);
  const { partition, offset, key, value } = await record(kafka, topic);
  const where = `partition ${partition} offset ${offset} of ${topic}`;
  if (damage === 'drop') {
    const admin = kafka.admin();
    await admin.connect();
    try {
      // kafkajs deletes nothing for a topic that this client has not asked about.
      await admin.fetchTopicOffsets(topic);
      const partitions = [{ partition, offset: String(Number(offset) + 1) }];
      await admin.deleteTopicRecords({ topic, partitions });
    } finally {
      await admin.disconnect();
    }
    return `deleted the oldest record of partition ${partition} of ${topic}`;
  }
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const copy = damage === 'flip' ? flipped(value) : value;
    await producer.send({ topic, messages: [{ partition, key, value: copy }] });
  } finally {
    await producer.disconnect();
  }
  return damage === 'dup'
    ? `produced ${where} again`
    : `produced ${where} again, with the last bit of score flipped`;
}

/** Of the datum, ts ends and the doubles score and step begin after id, server_id, monitor_id and ts. */
function flipped(value: Buffer): Buffer {
  const copy = Buffer.from(value);
  let at = 5;
  const skipVarint = (): number => {
    const from = at;
    while ((copy[at++] ?? 0) > 127);
    return copy[from] ?? 0;
  };
  skipVarint();
  skipVarint();
  // The branch of a union: 0 is null.
  if (skipVarint() !== 0) skipVarint();
  skipVarint();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
