import { type ServerFacts, sessionConnection, type Source } from '@scoreline/database';
import { type Checkpoint, readLedger, type SourceIdentity } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import { firstCheckpoint } from './first-checkpoint.ts';
import { requireWholeHistory } from './history-check.ts';
import type { ReadingOptions } from './reading.ts';
import { requirePosition } from './require-position.ts';
import { ResumePoint } from './resume-point.ts';
import type { SessionOptions } from './session.ts';
import { identityOf, requireSameSource } from './source-identity.ts';
import { TopicEnds } from './topic-ends.ts';

export interface Beginning {
  readonly checkpoint: Checkpoint;
  /** Not in the ledger yet: it is written before the first row. */
  readonly isFirst: boolean;
}

interface Ground {
  readonly source: Source;
  /** Up to which the ledger is read. */
  readonly fence: string;
  readonly reading: (from: Checkpoint) => ReadingOptions;
  readonly signal: AbortSignal;
}

/**
 * Where a session begins: at the ledger's checkpoint, when topic and source are still what it knows of
 * them, or where `initial` says when the ledger is new.
 *
 * @throws PermanentError, ConfigError for every doubt about that.
 */
export async function beginning(options: SessionOptions, ground: Ground): Promise<Beginning> {
  const { kafka, admin, ledgerTopic, topic, server, config, leadership, log } = options;
  const { checkpoint } = await readLedger(kafka, ledgerTopic, ground.fence, {
    signal: ground.signal,
    prefix: config.topic_prefix,
  });
  const ends = await topicEnds(admin, topic);
  if (checkpoint === null) {
    requireEmpty(options, ends);
    return { checkpoint: await first(options, ground), isFirst: true };
  }
  new TopicEnds(topic, checkpoint.topicEnds[topic] ?? []).check(ends);
  requireSameSource(checkpoint.source, identityFrom(server));
  const { position, event, openGroup, ledgerUuid } = checkpoint;
  await requirePosition(leadership.connection, new ResumePoint(position, event));
  log.info({ position, ledger: ledgerUuid, openGroup }, 'going on from the checkpoint');
  return { checkpoint, isFirst: false };
}

async function first(
  { server, config, log }: SessionOptions,
  { source, reading, signal }: Ground,
): Promise<Checkpoint> {
  // Not the lock's connection, which must answer soon.
  const connection = await sessionConnection(source, { signal });
  try {
    const identity = identityFrom(server);
    const checkpoint = await firstCheckpoint(connection, identity, source, config.initial);
    if (config.initial === 'all') {
      await requireWholeHistory(connection, reading(checkpoint), signal);
    }
    const { position, ledgerUuid } = checkpoint;
    log.info({ position, ledger: ledgerUuid }, `a new ledger begins: initial=${config.initial}`);
    return checkpoint;
  } finally {
    await connection.end().catch(() => {});
  }
}

async function topicEnds(admin: Admin, topic: string): Promise<number[]> {
  const ends: number[] = [];
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
    ends[partition] = Number(high);
  }
  return ends;
}

function requireEmpty({ topic, ledgerTopic }: SessionOptions, ends: readonly number[]): void {
  const written = ends.filter((end) => end > 0).length;
  if (written === 0) return;
  throw new PermanentError(
    `${ledgerTopic} has no checkpoint, and ${topic} has been written already (${written} of ${ends.length} partitions)`,
    {
      code: 'ledger-missing',
      remedy:
        'The ledger was truncated or made anew, so that nobody knows which rows the topic holds. Restore it, or begin anew under another topic_prefix.',
    },
  );
}

export function identityFrom({ version, variables }: ServerFacts): SourceIdentity {
  return identityOf(
    [['version', version], ...variables].map(([name, value]) => ({
      Variable_name: name,
      Value: value,
    })),
  );
}
