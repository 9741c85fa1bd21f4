import { type Bucket, BUCKET_IDS, type CapturedIds } from '@scoreline/ledger';
import { Block, DatumWalker, type TopicVersion } from '@scoreline/schema';
import { type Logger, PermanentError } from '@scoreline/service';

import { CHUNK_BYTES } from './chunk.ts';
import { DatumDigests } from './datum-digests.ts';
import { describeDatum, describeRow } from './describe-row.ts';
import type { ReconcileTable } from './reconciler.ts';
import { scanBuckets, type ScanBucketsOptions } from './scan-buckets.ts';

/** Buckets that are compared: a server that has lost rows has lost its newest. */
const TAIL_BUCKETS = 2;

export interface TailTable extends Pick<ReconcileTable, 'ids' | 'rows'> {
  /** The id that the next row gets; null when the server does not say. */
  nextId(): Promise<number | null>;
}

export interface TailOptions extends ScanBucketsOptions {
  readonly captured: CapturedIds;
  /** Of the rows that the table gives. */
  readonly version: TopicVersion;
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
  readonly version: TopicVersion;
}

/**
 * Where the binlog cannot prove that the source has the past that was captured, its newest rows do:
 * those of the topic's last buckets that the table still holds must be the same, byte for byte, and
 * its next id above all that are captured. Rows that it lacks were deleted. What they have in `extra` is
 * left alone: it is of the columns that the table had when they were captured, and a column that was
 * added since has its default in every row. So are the fields that a version has added.
 *
 * Memory is a digest for each id of the buckets, whatever the rows hold.
 *
 * @throws PermanentError `source-rewound`
 */
export async function compareTail(options: TailOptions, table: TailTable): Promise<Tail> {
  const { captured, log } = options;
  if (captured.maxId === 0) return { captured: 0, held: 0, compared: 0 };
  const next = await table.nextId();
  if (next !== null && next <= captured.maxId) {
    throw rewound(`its next id is ${next}, and id ${captured.maxId} is captured already`);
  }
  const tail = newestBuckets(captured);
  const digests = new DatumDigests(tail);
  const held = await digestTable(table, tail, digests, options);
  const { compared, differing, first } = await compareTopic(options, tail, digests);
  if (first !== null) {
    const now = await describeNow(table, first.id, options.version);
    throw rewound(
      `of the newest ${compared} captured rows that the table holds, ${differing} differ. The first is id ${first.id}, captured as ${describeDatum(first.datum, first.version)} (${first.where}), in the table now: ${now}`,
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
  const inTopic = [...buckets.values()].filter(({ captured }) => captured.count > 0);
  return inTopic.toSorted((a, b) => b.number - a.number).slice(0, TAIL_BUCKETS);
}

/** Returns how many of the captured rows the table holds. */
async function digestTable(
  table: TailTable,
  tail: readonly Bucket[],
  digests: DatumDigests,
  { signal, version }: TailOptions,
): Promise<number> {
  const walker = new DatumWalker(version);
  const block = new Block(CHUNK_BYTES);
  let held = 0;
  for (const { firstId, captured } of tail) {
    let ids = await table.ids(firstId, firstId + BUCKET_IDS - 1);
    // The topic has no rows of ids that were excluded.
    ids = ids.filter((id) => captured.has(id - firstId));
    while (ids.length > 0) {
      signal.throwIfAborted();
      block.truncate(0);
      const last = await table.rows(ids, block);
      for (let row = 0; row < block.rows; row++) {
        const datum = block.bytes.subarray(block.start(row), block.ends[row]);
        digests.set(block.ids[row]!, withoutExtra(datum, walker));
      }
      held += block.rows;
      ids = ids.filter((id) => id > last);
    }
  }
  return held;
}

async function compareTopic(
  options: TailOptions,
  tail: readonly Bucket[],
  digests: DatumDigests,
): Promise<{ compared: number; differing: number; first: Differing | null }> {
  const result = { compared: 0, differing: 0, first: null as Differing | null };
  const walkers = new Map<TopicVersion, DatumWalker>();
  await scanBuckets(options, tail, (row, { topic, version }) => {
    const { id, partition, offset, bytes, start, end } = row;
    if (!digests.has(id)) return;
    let walker = walkers.get(version);
    if (walker === undefined) walkers.set(version, (walker = new DatumWalker(version)));
    result.compared++;
    const datum = bytes.subarray(start, end);
    if (digests.matches(id, withoutExtra(datum, walker))) return;
    result.differing++;
    if (result.first !== null && result.first.id <= id) return;
    const where = `${topic}[${partition}] offset ${offset}`;
    result.first = { id, where, datum: Buffer.from(datum), version };
  });
  return result;
}

function withoutExtra(datum: Buffer, walker: DatumWalker): Buffer {
  walker.walk(datum, 0, datum.length);
  return datum.subarray(0, walker.extraAt);
}

async function describeNow(table: TailTable, id: number, version: TopicVersion): Promise<string> {
  const block = new Block();
  await table.rows(Float64Array.of(id), block);
  return block.rows === 0 ? 'deleted meanwhile' : describeRow(block, 0, version);
}

function rewound(what: string): PermanentError {
  return new PermanentError(`the table is not the one that was captured: ${what}`, {
    code: 'source-rewound',
    remedy:
      'The server was restored to an earlier state, or rows were changed in place: find out which side is right, row by row. To capture what the table holds now, begin a new ledger under another topic_prefix. Nothing was published.',
  });
}
