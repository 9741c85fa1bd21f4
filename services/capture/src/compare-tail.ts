import { type Bucket, BUCKET_IDS, type CapturedIds } from '@scoreline/ledger';
import { Block } from '@scoreline/schema';
import { type Logger, PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { CHUNK_BYTES } from './chunk.ts';
import { DatumDigests } from './datum-digests.ts';
import { describeDatum, describeRow } from './describe-row.ts';
import type { ReconcileTable } from './reconciler.ts';
import { scanRows } from './scan-rows.ts';

/** Buckets that are compared: a server that has lost rows has lost its newest. */
const TAIL_BUCKETS = 2;

export interface TailTable extends Pick<ReconcileTable, 'ids' | 'rows'> {
  /** The id that the next row gets; null when the server does not say. */
  nextId(): Promise<number | null>;
}

export interface TailOptions {
  readonly kafka: Kafka;
  /** Begins the name of the group that reads. */
  readonly group: string;
  readonly captured: CapturedIds;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What was compared. */
export interface Tail {
  /** The newest ids that are captured. */
  readonly captured: number;
  /** Of these, how many the table holds. */
  readonly held: number;
  /** Of those, how many the topic holds: they are the same. */
  readonly compared: number;
}

/** A row of the topic that the table has otherwise. */
interface Differing {
  readonly id: number;
  readonly where: string;
  readonly datum: Buffer;
}

/**
 * Where the binlog cannot prove that the source has the past that was captured, its newest rows do:
 * those of the topic's last buckets that the table still holds must be the same, byte for byte, and
 * its next id above all that are captured. Rows that it lacks were deleted.
 *
 * Memory is a digest for each id of the buckets, whatever the rows hold.
 *
 * @throws PermanentError `source-rewound`
 */
export async function compareTail(options: TailOptions, table: TailTable): Promise<Tail> {
  const { captured, log } = options;
  if (captured.count === 0) return { captured: 0, held: 0, compared: 0 };
  const next = await table.nextId();
  if (next !== null && next <= captured.maxId) {
    throw rewound(`its next id is ${next}, and id ${captured.maxId} is captured already`);
  }
  const tail = newestBuckets(captured);
  const digests = new DatumDigests(tail);
  const held = await digestTable(table, captured, tail, digests, options.signal);
  const { compared, differing, first } = await compareTopic(options, tail, digests);
  if (first !== null) {
    const now = await describeNow(table, first.id);
    throw rewound(
      `of the newest ${compared} captured rows that the table holds, ${differing} differ. The first is id ${first.id}, captured as ${describeDatum(first.datum)} (${first.where}), in the table now: ${now}`,
    );
  }
  const seen = { held, compared, nextId: next };
  if (compared < held)
    log.warn(seen, 'the topic has lost rows that were to be compared with the table');
  else log.info(seen, 'the newest captured rows are the same in the table');
  const ids = tail.reduce((sum, bucket) => sum + bucket.captured.count, 0);
  return { captured: ids, held, compared };
}

function newestBuckets({ buckets }: CapturedIds): Bucket[] {
  return [...buckets.values()].toSorted((a, b) => b.number - a.number).slice(0, TAIL_BUCKETS);
}

/** Returns how many of the captured rows the table holds. */
async function digestTable(
  table: TailTable,
  captured: CapturedIds,
  tail: readonly Bucket[],
  digests: DatumDigests,
  signal: AbortSignal,
): Promise<number> {
  const block = new Block(CHUNK_BYTES);
  let held = 0;
  for (const { firstId } of tail) {
    let ids = await table.ids(firstId, firstId + BUCKET_IDS - 1);
    ids = ids.filter((id) => captured.has(id));
    while (ids.length > 0) {
      signal.throwIfAborted();
      block.truncate(0);
      const last = await table.rows(ids, block);
      for (let row = 0; row < block.rows; row++) {
        digests.set(block.ids[row]!, block.bytes.subarray(block.start(row), block.ends[row]));
      }
      held += block.rows;
      ids = ids.filter((id) => id > last);
    }
  }
  return held;
}

async function compareTopic(
  { kafka, group, signal }: TailOptions,
  tail: readonly Bucket[],
  digests: DatumDigests,
): Promise<{ compared: number; differing: number; first: Differing | null }> {
  const result = { compared: 0, differing: 0, first: null as Differing | null };
  for (const topic of new Set(tail.flatMap(({ offsets }) => [...offsets.keys()]))) {
    const { from, to } = spanOf(tail, topic);
    await scanRows(
      kafka,
      topic,
      { signal, group, from, to },
      {
        row: ({ id, partition, offset, bytes, start, end }) => {
          if (!digests.has(id)) return;
          result.compared++;
          const datum = bytes.subarray(start, end);
          if (digests.matches(id, datum)) return;
          result.differing++;
          if (result.first !== null && result.first.id <= id) return;
          const where = `${topic}[${partition}] offset ${offset}`;
          result.first = { id, where, datum: Buffer.from(datum) };
        },
      },
    );
  }
  return result;
}

/** Where a topic has rows of these buckets, by partition. */
function spanOf(tail: readonly Bucket[], topic: string): { from: number[]; to: number[] } {
  const from: number[] = [];
  const to: number[] = [];
  for (const { offsets } of tail) {
    const { first = [], end = [] } = offsets.get(topic) ?? {};
    for (const [partition, offset] of first.entries()) {
      if (offset < 0) continue;
      from[partition] = Math.min(from[partition] ?? offset, offset);
      to[partition] = Math.max(to[partition] ?? 0, end[partition]!);
    }
  }
  return { from, to };
}

async function describeNow(table: TailTable, id: number): Promise<string> {
  const block = new Block();
  await table.rows(Float64Array.of(id), block);
  return block.rows === 0 ? 'deleted meanwhile' : describeRow(block, 0);
}

function rewound(what: string): PermanentError {
  return new PermanentError(`the table is not the one that was captured: ${what}`, {
    code: 'source-rewound',
    remedy:
      'The server was restored to an earlier state, or rows were changed in place: find out which side is right, row by row. To capture what the table holds now, begin a new ledger under another topic_prefix. Nothing was published.',
  });
}
