import { createHash } from 'node:crypto';

import {
  BUCKET_IDS,
  bucketMessage,
  bucketOf,
  type CapturedIds,
  type Checkpoint,
  checkpointMessage,
  type LedgerMessage,
} from '@scoreline/ledger';

const TOPIC = 'log_scores-v1';
const PARTITIONS = 6;
/** Rows of one transaction at 2,000 rows/s and a linger of 50 ms, and ten minutes of such transactions. */
const LIVE_ROWS = 100;
const LIVE_TRANSACTIONS = 12_000;

/**
 * What capture writes to its ledger for so many ids: what compaction leaves of all that is older than ten
 * minutes, which is one record for each bucket, and every record since. One bucket in sixteen lacks a
 * hundredth of its ids, one lacks half of them. Yields transaction by transaction; `captured`, empty at
 * first, holds in the end what a reader must find.
 */
export function* ledgerHistory(captured: CapturedIds, ids: number): Generator<LedgerMessage[]> {
  const live = Math.max(0, ids - LIVE_ROWS * LIVE_TRANSACTIONS);
  const random = mulberry32(65_536);
  let id = 0;
  while (captured.count < ids) {
    const before = captured.count;
    const isLive = before >= live;
    const bucket = bucketOf(id + 1);
    const isEnough = (): boolean =>
      captured.count === ids ||
      captured.count === live ||
      (isLive ? captured.count - before === LIVE_ROWS : bucketOf(id + 1) !== bucket);
    do {
      id++;
      if (random() >= holes(bucketOf(id))) captured.add(id);
    } while (!isEnough());
    yield transaction(captured, before);
  }
}

/** The set with its offsets, whatever the order of its buckets. */
export function ledgerDigest({ buckets }: CapturedIds): string {
  const hash = createHash('sha256');
  for (const bucket of [...buckets.values()].toSorted((a, b) => a.number - b.number)) {
    const { key, value } = bucketMessage(bucket);
    hash.update(key).update(value);
  }
  return hash.digest('hex');
}

/** The share of its ids that a bucket lacks. */
function holes(bucket: number): number {
  if (bucket % 16 === 5) return 0.01;
  return bucket % 16 === 11 ? 0.5 : 0;
}

function transaction(captured: CapturedIds, before: number): LedgerMessage[] {
  const first = Math.floor(before / PARTITIONS);
  const end = Math.ceil(captured.count / PARTITIONS);
  const messages = [];
  for (const bucket of captured.changed) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      captured.wrote(bucket.number, TOPIC, partition, first, end);
    }
    messages.push(bucketMessage(bucket));
  }
  captured.committed();
  return [...messages, checkpointMessage(checkpoint(captured.maxId, end))];
}

function checkpoint(maxId: number, end: number): Checkpoint {
  const file = `binlog.${String(1 + bucketOf(maxId)).padStart(6, '0')}`;
  const offset = 500 + 80 * (maxId % BUCKET_IDS);
  return {
    ledgerUuid: '6f1c2a52-3d0b-4c55-9a53-0c5d7a1f9e10',
    source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
    position: { file, offset },
    gtidSet: `0-1-${maxId}`,
    event: { file, start: offset - 31, end: offset, crc32: 0xdeadbeef },
    commitTimeMs: 1_763_000_000_000,
    openGroup: null,
    startFloor: { position: { file: 'binlog.000001', offset: 4 }, id: 0 },
    reconcile: null,
    optionalColumns: ['rtt', 'attributes'],
    topicEnds: { [TOPIC]: Array.from({ length: PARTITIONS }, () => end) },
  };
}

/** Small, good enough, and the same in every run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
