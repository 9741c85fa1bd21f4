import { identityFrom, isSameSource, type Source } from '@scoreline/database';
import {
  type CapturedIds,
  type Checkpoint,
  type LedgerState,
  readLedger,
  type ReconcileRequest,
} from '@scoreline/ledger';
import { PermanentError, ScorelineError } from '@scoreline/service';
import type { Admin } from 'kafkajs';
import type { Connection } from 'mysql2/promise';

import { anew, type KnownLedger } from './anew.ts';
import { POSITION_GONE } from './dump-error.ts';
import { failover, isByGtids } from './failover.ts';
import { firstCheckpoint } from './first-checkpoint.ts';
import { fromNow } from './from-now.ts';
import { LedgerTopics } from './ledger-topics.ts';
import type { Overlap } from './overlap.ts';
import { requirePosition } from './require-position.ts';
import { ResumePoint } from './resume-point.ts';
import type { SessionOptions } from './session-options.ts';
import { TopicEnds } from './topic-ends.ts';
import { topicEnds } from './topic-presence.ts';
import { requireNotLowered } from './topic-version.ts';

export interface Beginning {
  readonly checkpoint: Checkpoint;
  readonly captured: CapturedIds;
  readonly topics: LedgerTopics;
  /** Not in the ledger yet: it is written before the first row. */
  readonly isNew: boolean;
  /** Groups that come and were captured from another server; null where a position tells it all. */
  readonly overlap: Overlap | null;
}

/** With what else the ledger says, and has nothing to do with where that is. */
export interface Begun extends Beginning {
  /** The last range of ids that capture was asked to look for. */
  readonly request: ReconcileRequest | null;
}

/** What a session has when it begins. */
export interface Fenced {
  readonly source: Source;
  readonly admin: Admin;
  /** Up to which the ledger is read. */
  readonly fence: string;
  readonly signal: AbortSignal;
}

/**
 * Where a session begins: at the ledger's checkpoint, when topic and source are still what it knows of
 * them; where `initial` says when the ledger is new; where another server's binlog goes on with what was
 * captured; and now, with the table to be reconciled, when the binlog does not reach back so far, or
 * the operator says so.
 *
 * @throws PermanentError, ConfigError for every doubt about that.
 */
export async function beginning(options: SessionOptions, fenced: Fenced): Promise<Begun> {
  const { kafka, ledgerTopic } = options;
  const { signal } = fenced;
  const ledger = await readLedger(kafka, ledgerTopic, fenced.fence, { signal });
  return { ...(await beginningAt(options, fenced, ledger)), request: ledger.request };
}

async function beginningAt(
  options: SessionOptions,
  fenced: Fenced,
  { checkpoint, captured, retired }: LedgerState,
): Promise<Beginning> {
  const { server, config, leadership, log } = options;
  const topics = new LedgerTopics(options.topics, retired);
  if (checkpoint === null) {
    await requireEmpty(options, fenced);
    const begun = await first(options, fenced);
    return { checkpoint: begun, captured, topics, isNew: true, overlap: null };
  }
  await requireTopics(options, fenced, { checkpoint, topics });
  const identity = identityFrom(server);
  if (!isSameSource(checkpoint.source, identity) || isByGtids(checkpoint)) {
    if (config.accept_new_source !== identity.serverUuid) {
      return failover(options, fenced, { checkpoint, captured, topics }, identity);
    }
    log.warn({ from: checkpoint.source, to: identity }, 'going on at another server');
    const moved = { ...checkpoint, source: identity };
    const from = { checkpoint: moved, captured, topics };
    const next = await anew(options, fenced, { ...from, reason: 'new_source' });
    return { checkpoint: next, captured, topics, isNew: true, overlap: null };
  }
  const { position, event, openGroup, ledgerUuid } = checkpoint;
  const gone = await positionGone(leadership.connection, new ResumePoint(position, event));
  if (gone === null) {
    log.info({ position, ledger: ledgerUuid, openGroup }, 'going on from the checkpoint');
    return { checkpoint, captured, topics, isNew: false, overlap: null };
  }
  log.warn({ err: gone }, 'beginning anew, and reading the table for what is missing');
  const known = { checkpoint, captured, topics };
  const next = await anew(options, fenced, { ...known, reason: 'position_gone' });
  return { checkpoint: next, captured, topics, isNew: true, overlap: null };
}

async function positionGone(connection: Connection, resume: ResumePoint): Promise<Error | null> {
  try {
    await requirePosition(connection, resume);
    return null;
  } catch (error) {
    if (error instanceof ScorelineError && error.code === POSITION_GONE) return error;
    throw error;
  }
}

async function first(options: SessionOptions, fenced: Fenced): Promise<Checkpoint> {
  const { server, config, log } = options;
  const identity = identityFrom(server);
  const checkpoint = await fromNow(
    { ...options, ...fenced, identity, optionalColumns: [] },
    (now) => firstCheckpoint(identity, now, config.initial),
  );
  const { position, ledgerUuid, reconcile } = checkpoint;
  log.info(
    { position, ledger: ledgerUuid, reconcile },
    `a new ledger begins: initial=${config.initial.mode}`,
  );
  return checkpoint;
}

/** Every topic that the ledger has rows in, and that is not retired, is as it knows it. */
async function requireTopics(
  options: SessionOptions,
  fenced: Fenced,
  { checkpoint, topics }: Pick<KnownLedger, 'checkpoint' | 'topics'>,
): Promise<void> {
  requireNotLowered(options, checkpoint);
  for (const topic of new Set([options.topic, ...Object.keys(checkpoint.topicEnds)])) {
    if (topics.isRetired(topic)) continue;
    const ends = await topicEnds(fenced.admin, topic, fenced);
    new TopicEnds(topic, checkpoint.topicEnds[topic] ?? []).check(ends);
  }
}

async function requireEmpty(options: SessionOptions, fenced: Fenced): Promise<void> {
  const there = new Set(await fenced.admin.listTopics());
  for (const topic of options.topics.keys()) {
    if (topic !== options.topic && !there.has(topic)) continue;
    requireUnwritten(topic, options.ledgerTopic, await topicEnds(fenced.admin, topic, fenced));
  }
}

function requireUnwritten(topic: string, ledgerTopic: string, ends: readonly number[]): void {
  const written = ends.filter((end) => end > 0).length;
  if (written === 0) return;
  throw new PermanentError(
    `${ledgerTopic} has no checkpoint, and ${topic} has been written already (${written} of ${ends.length} partitions)`,
    {
      code: 'ledger-missing',
      remedy:
        'The ledger was truncated or made anew, so that nobody knows which rows the topic holds. While the topic is complete from offset 0, capture --rebuild-ledger makes it from the topic. Otherwise restore it, or begin anew under another topic_prefix.',
    },
  );
}
