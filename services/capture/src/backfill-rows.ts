import { setTimeout as delay } from 'node:timers/promises';

import type { Block } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';

import { backfillBuckets, type BackfillSets, IdRanges } from './backfill-ids.ts';
import { Chunk } from './chunk.ts';
import type { IdRange } from './id-range.ts';
import type { RateLimit } from './rate-limit.ts';
import type { ReconcileTable } from './reconciler.ts';

/** Which rows a backfill is of, and where they go. */
export interface Wanted {
  readonly sink: string;
  readonly ids: IdRange;
  readonly topic: string;
}

export interface BackfillSource {
  readonly table: Pick<ReconcileTable, 'ids' | 'firstId' | 'rows'>;
  readonly sets: BackfillSets;
  readonly print: (line: string) => void;
}

export interface BackfillTarget {
  readonly publish: (chunk: Chunk) => Promise<void>;
  readonly rate: RateLimit;
  readonly signal: AbortSignal;
}

const SAY_EVERY_MS = 10_000;
/** Ranges of ids that a message names. */
const NAMED = 20;

/** Before anything is published. @throws PermanentError `backfill-gone` */
export async function checkRows(
  { ids, topic }: Wanted,
  { table, sets, print }: BackfillSource,
): Promise<void> {
  const gone = new IdRanges();
  let rows = 0;
  let before = 0;
  let others = 0;
  for await (const bucket of backfillBuckets(table, ids, sets)) {
    rows += bucket.wanted.length;
    before += bucket.before;
    others += bucket.others;
    for (const id of bucket.gone) gone.add(id);
  }
  print(
    `ids ${ids.from} to ${ids.to}: ${rows} rows for ${topic}, which has ${before} more of the table's; ${others} rows of the table are not captured, and are left`,
  );
  if (gone.count > 0) throw goneFrom(gone);
}

/**
 * A chunk is a transaction, and comes behind those with lower ids.
 *
 * @throws PermanentError `backfill-gone` at the end, when rows were deleted meanwhile.
 */
export async function publishRows(
  { ids, topic }: Wanted,
  { table, sets, print }: BackfillSource,
  { publish, rate, signal }: BackfillTarget,
): Promise<void> {
  const chunk = new Chunk();
  const gone = new IdRanges();
  let rows = 0;
  let saidAt = performance.now();
  for await (const bucket of backfillBuckets(table, ids, sets)) {
    for (const id of bucket.gone) gone.add(id);
    for (let left = bucket.wanted; left.length > 0;) {
      signal.throwIfAborted();
      const { block } = chunk;
      block.truncate(0);
      const last = await table.rows(left, block);
      left = passedBy(left, last, block, gone);
      if (block.rows === 0) continue;
      chunk.stampOwn();
      await publish(chunk);
      rows += block.rows;
      if (performance.now() - saidAt > SAY_EVERY_MS) {
        saidAt = performance.now();
        print(`${topic}: ${rows} rows published, up to id ${last}`);
      }
      await delay(rate.waitMs(block.rows), undefined, { signal });
    }
  }
  print(`${topic}: ${rows} rows published`);
  if (gone.count > 0) throw goneFrom(gone);
}

/** What is left behind `last`; ids before it that the block lacks were deleted meanwhile. */
function passedBy(ids: Float64Array, last: number, block: Block, gone: IdRanges): Float64Array {
  let at = 0;
  for (let row = 0; at < ids.length && ids[at]! <= last; at++) {
    if (row < block.rows && block.ids[row] === ids[at]) row++;
    else gone.add(ids[at]!);
  }
  return ids.subarray(at);
}

function goneFrom(gone: IdRanges): PermanentError {
  return new PermanentError(
    `${gone.count} rows are captured and not in the table any more: ids ${gone.text(NAMED)}`,
    {
      code: 'backfill-gone',
      remedy:
        'They cannot be backfilled from here, only from another archive. Give backfill_ids without them.',
    },
  );
}
