import { RecordBatch } from '@scoreline/kafka';
import { wireHeader } from '@scoreline/schema';
import type { RecordMetadata } from 'kafkajs';

import { type Pipeline, SCHEMA_ID, visible } from './pipeline.ts';
import { encodeRow, sampleRow } from './sample-rows.ts';

/** From here on, and for 130 million, ids have the same length in Avro, so one row can be the mould of all. */
export const FIRST_OF_MANY = 2 ** 20;
const ID_BYTES = 4;
const BATCH_BYTES = 900_000;
const BATCHES_AT_A_TIME = 8;

/** Puts so many rows with consecutive ids into a partition, many times as fast as one by one. */
export async function produceMany(
  { producer, admin, topic }: Pipeline,
  partition: number,
  { from = FIRST_OF_MANY, rows }: { readonly from?: number; readonly rows: number },
): Promise<void> {
  const mould = encodeRow(sampleRow(FIRST_OF_MANY));
  const key = Buffer.from('1');
  const header = wireHeader(SCHEMA_ID);
  const to = from + rows;
  for (let id = from; id < to;) {
    const transaction = await producer.transaction();
    const written: RecordMetadata[] = [];
    for (let sent = 0; sent < BATCHES_AT_A_TIME && id < to; sent++) {
      const batch = new RecordBatch(partition, BATCH_BYTES);
      for (; id < to; id++) {
        let zigzag = id * 2;
        for (let i = 0; i < ID_BYTES; i++, zigzag >>>= 7) {
          mould[i] = (zigzag & 127) | (i < ID_BYTES - 1 ? 128 : 0);
        }
        if (!batch.append(key, header, mould, 0, mould.length, Date.now())) break;
      }
      written.push(...(await transaction.send({ topic, messages: [batch] })));
    }
    await transaction.commit();
    await visible(admin, topic, written);
  }
}
