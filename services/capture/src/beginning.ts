import type { Source } from '@scoreline/database';
import {
  type CapturedIds,
  type Checkpoint,
  READER_GROUP,
  readLedger,
  type Reconcile,
} from '@scoreline/ledger';
import { PermanentError, ScorelineError } from '@scoreline/service';
import type { Admin } from 'kafkajs';
import type { Connection } from 'mysql2/promise';

import { compareTail } from './compare-tail.ts';
import { POSITION_GONE } from './dump-error.ts';
import { firstCheckpoint, reconcileFrom } from './first-checkpoint.ts';
import { fromNow } from './from-now.ts';
import { requirePosition } from './require-position.ts';
import { ResumePoint } from './resume-point.ts';
import type { SessionOptions } from './session.ts';
import { identityFrom, isSameSource, requireSameSource } from './source-identity.ts';
import { TopicEnds } from './topic-ends.ts';
import { topicEnds } from './topic-presence.ts';

export interface Beginning {
  readonly checkpoint: Checkpoint;
  readonly captured: CapturedIds;
  /** Not in the ledger yet: it is written before the first row. */
  readonly isNew: boolean;
}

interface Ground {
  readonly source: Source;
  readonly admin: Admin;
  /** Up to which the ledger is read. */
  readonly fence: string;
  readonly signal: AbortSignal;
}

/**
 * Where a session begins: at the ledger's checkpoint, when topic and source are still what it knows of
 * them; where `initial` says when the ledger is new; and now, with the table to be reconciled, when the
 * binlog does not reach back to the checkpoint, or another server is to be gone on at.
 *
 * @throws PermanentError, ConfigError for every doubt about that.
 */
export async function beginning(options: SessionOptions, ground: Ground): Promise<Beginning> {
  const { kafka, ledgerTopic, topic, server, config, leadership, log } = options;
  const { checkpoint, captured } = await readLedger(kafka, ledgerTopic, ground.fence, {
    signal: ground.signal,
    prefix: config.topic_prefix,
  });
  const ends = await topicEnds(ground.admin, topic, ground);
  if (checkpoint === null) {
    requireEmpty(options, ends);
    return { checkpoint: await first(options, ground), captured, isNew: true };
  }
  new TopicEnds(topic, checkpoint.topicEnds[topic] ?? []).check(ends);
  const identity = identityFrom(server);
  if (
    config.accept_new_source === identity.serverUuid &&
    !isSameSource(checkpoint.source, identity)
  ) {
    log.warn({ from: checkpoint.source, to: identity }, 'going on at another server');
    const next = await anew(
      options,
      ground,
      { ...checkpoint, source: identity },
      captured,
      'new_source',
    );
    return { checkpoint: next, captured, isNew: true };
  }
  requireSameSource(checkpoint.source, identity);
  const { position, event, openGroup, ledgerUuid } = checkpoint;
  const gone = await positionGone(leadership.connection, new ResumePoint(position, event));
  if (gone === null) {
    log.info({ position, ledger: ledgerUuid, openGroup }, 'going on from the checkpoint');
    return { checkpoint, captured, isNew: false };
  }
  log.warn({ err: gone }, 'beginning anew, and reading the table for what is missing');
  const next = await anew(options, ground, checkpoint, captured, 'position_gone');
  return { checkpoint: next, captured, isNew: true };
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

async function first(options: SessionOptions, ground: Ground): Promise<Checkpoint> {
  const { server, config, log } = options;
  const identity = identityFrom(server);
  const checkpoint = await fromNow({ ...options, ...ground, identity }, (p0, table) =>
    firstCheckpoint(identity, p0, table, config.initial),
  );
  const { position, ledgerUuid, reconcile } = checkpoint;
  log.info(
    { position, ledger: ledgerUuid, reconcile },
    `a new ledger begins: initial=${config.initial.mode}`,
  );
  return checkpoint;
}

/** The same ledger with another place in the binlog: what was committed between is in the table. */
async function anew(
  options: SessionOptions,
  ground: Ground,
  { startFloor, ...rest }: Checkpoint,
  captured: CapturedIds,
  reason: Reconcile['reason'],
): Promise<Checkpoint> {
  const { kafka, config, log } = options;
  const group = `${config.topic_prefix}${READER_GROUP}`;
  return fromNow({ ...options, ...ground, identity: rest.source }, async (p0, table) => {
    await compareTail({ kafka, group, captured, signal: ground.signal, log }, table);
    return {
      ...rest,
      startFloor,
      position: p0,
      event: null,
      gtidSet: '',
      openGroup: null,
      reconcile: await reconcileFrom(reason, p0, table, startFloor.id),
    };
  });
}

function requireEmpty({ topic, ledgerTopic }: SessionOptions, ends: readonly number[]): void {
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
