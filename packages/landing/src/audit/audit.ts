import { isCoordinatorMoving, isPassing } from '@scoreline/kafka';
import {
  type Bucket,
  bucketOf,
  BUCKET_IDS,
  type LedgerState,
  readLedgerSnapshot,
} from '@scoreline/ledger';
import { type Logger, PermanentError, retry } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { readGroup } from '../group-offsets.ts';
import { groupOf } from '../landed-topics.ts';
import type { FoundPartition } from '../resume.ts';
import type { Sink } from '../sink.ts';
import { type BucketSpan, isAudited, planAudit, type Waiting } from './audit-plan.ts';
import { type Around, type Window, windowsOf } from './audit-windows.ts';
import { commitsIn, heldUpToOf, sinceOf } from './group-commits.ts';
import { IdList } from './id-list.ts';
import { KnownBuckets, lastIdOf } from './known-buckets.ts';
import type { Verdicts } from './merge-audits.ts';
import { UnknownIds } from './unknown-ids.ts';
import { WindowIds } from './window-ids.ts';

/** A sink that can be asked which ids it holds. */
export type AskableSink = Sink & Required<Pick<Sink, 'heldIds'>>;

export interface AuditOptions {
  readonly sink: AskableSink;
  /** Fingerprint of its destination. */
  readonly dest: string;
  readonly kafka: Kafka;
  /** Of every version that there may be. */
  readonly topics: readonly string[];
  readonly ledgerTopic: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Null for all, and what is around them. */
  readonly span: BucketSpan | null;
  /** Only buckets that no new row falls into, and that no clean audit says already. */
  readonly onlyDue?: boolean;
  /** Called before each question but the first, with how long the last one took. */
  readonly rest?: (lastMs: number) => Promise<void>;
}

export interface AuditOutcome extends Verdicts {
  readonly ledgerUuid: string;
  /** Captured ids that were compared. */
  readonly ids: number;
  readonly waiting: readonly Waiting[];
  /** In the ledger and not in the destination. */
  readonly missing: IdList;
  /** More than once in the destination. */
  readonly doubled: IdList;
  /** In the destination and not in the ledger. */
  readonly unknown: IdList;
}

/**
 * Compares the ids that a destination holds with those that the ledger has, and changes nothing.
 *
 * The order makes the answer exact beside everybody who goes on: first the groups' commits, then the ledger,
 * which has every row below them; then the destination, which holds them all; and a ledger that is read
 * behind it says which of the ids that were not known have been captured meanwhile.
 */
export async function audit(options: AuditOptions): Promise<AuditOutcome> {
  const { dest, log, span, onlyDue = false, rest } = options;
  const atMs = Date.now();
  const commits = commitsIn(dest, await readGroups(options));
  const ledger = await readLedger(options);
  const { checkpoint, captured, audits } = ledger;
  const since = sinceOf(commits, ledger);
  const recorded = audits.get(options.sink.name) ?? [];
  const newest = bucketOf(captured.maxId);
  const isWanted = (bucket: Bucket) => {
    if (span !== null && (bucket.number < span.from || bucket.number > span.to)) return false;
    return !onlyDue || (bucket.number < newest && !isAudited(bucket, recorded, { dest, since }));
  };
  const { buckets, waiting } = planAudit(ledger, commits, isWanted);
  const known = new KnownBuckets(captured, checkpoint.startFloor.id);
  const [missing, doubled, unknown] = [new IdList(), new IdList(), new IdList()];
  const unclean = new Set<number>();
  const others = new UnknownIds();
  const heldUpTo = heldUpToOf(commits);
  let tookMs = 0;
  for (const window of windowsOf(
    buckets,
    onlyDue ? null : aroundOf(span, checkpoint.startFloor.id, buckets),
  )) {
    if (tookMs > 0) await rest?.(tookMs);
    const began = performance.now();
    const ids = await ask(window, { options, known, others, heldUpTo });
    for (const number of ids.end({ missing, doubled })) unclean.add(number);
    tookMs = performance.now() - began;
  }
  if (!others.isEmpty) {
    const now = await readLedger(options, checkpoint.ledgerUuid);
    const knownNow = new KnownBuckets(now.captured, checkpoint.startFloor.id);
    for (const number of others.end(knownNow, unknown)) unclean.add(number);
  }
  const clean = new Map<number, number>();
  let ids = 0;
  for (const number of buckets) {
    const { count } = captured.buckets.get(number)!.captured;
    ids += count;
    if (!unclean.has(number)) clean.set(number, count);
  }
  log.debug({ buckets: buckets.length, unclean: unclean.size, ids }, 'audited');
  const { ledgerUuid } = checkpoint;
  return { ledgerUuid, dest, since, atMs, clean, unclean, ids, waiting, missing, doubled, unknown };
}

interface Question {
  readonly options: AuditOptions;
  readonly known: KnownBuckets;
  readonly others: UnknownIds;
  readonly heldUpTo: number | undefined;
}

/** An answer that was cut off is asked for again from its beginning. */
function ask(
  { buckets, from, to }: Window,
  { options: { sink, log, signal }, known, others, heldUpTo }: Question,
): Promise<WindowIds> {
  return retry(
    async () => {
      const ids = new WindowIds(known, buckets, others);
      const asked = { from, to, ...(heldUpTo === undefined ? {} : { heldUpTo }) };
      for await (const some of sink.heldIds(asked, signal)) ids.see(some);
      return ids;
    },
    { signal, log, what: `asking ${sink.name} which ids it holds from ${from} to ${to}` },
  );
}

/** Everything, so that ids are found too that are in no bucket of the ledger. */
function aroundOf(span: BucketSpan | null, floor: number, buckets: readonly number[]): Around {
  if (span !== null) return { from: span.from * BUCKET_IDS, to: lastIdOf(span.to) };
  const first = (buckets[0] ?? 0) * BUCKET_IDS;
  return { from: Math.min(floor, first), to: Number.MAX_SAFE_INTEGER };
}

/** @throws PermanentError `ledger-missing`, `ledger-changed` */
async function readLedger(
  { kafka, ledgerTopic, signal }: AuditOptions,
  uuid?: string,
): Promise<LedgerState & { readonly checkpoint: NonNullable<LedgerState['checkpoint']> }> {
  const state = await readLedgerSnapshot(kafka, ledgerTopic, { signal });
  const { checkpoint } = state;
  if (checkpoint === null) {
    throw new PermanentError(`${ledgerTopic} has no checkpoint: there is nothing to compare with`, {
      code: 'ledger-missing',
      remedy: 'Start capture once.',
    });
  }
  if (uuid !== undefined && checkpoint.ledgerUuid !== uuid) throw changed(ledgerTopic, uuid);
  return { ...state, checkpoint };
}

export function changed(ledgerTopic: string, uuid: string): PermanentError {
  return new PermanentError(
    `${ledgerTopic} is not the ledger ${uuid} any more that it was when the audit began`,
    { code: 'ledger-changed', remedy: 'Start the audit again.' },
  );
}

async function readGroups({ kafka, topics, sink, log, signal }: AuditOptions) {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const read = async () => {
      const there = new Set(await admin.listTopics());
      const found: FoundPartition[] = [];
      for (const topic of topics) {
        if (!there.has(topic)) continue;
        found.push(...(await readGroup(admin, { topic, group: groupOf(sink.name, topic) })));
      }
      return found;
    };
    return await retry(read, {
      signal,
      log,
      what: 'reading what the groups have committed',
      classify: (error) => isCoordinatorMoving(error) || isPassing(error),
    });
  } finally {
    await admin.disconnect();
  }
}
