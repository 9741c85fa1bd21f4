import { ledgerTopic, readLedgerTopics, readLedgerUuid } from '@scoreline/ledger';
import type { Catalog } from '@scoreline/schema';
import { type Logger, PermanentError } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import { topicOf } from './landed-topics.ts';
import type { LandingConfig } from './settings.ts';

/**
 * `there`; not made by capture yet; retired, so that nothing of it is left to land; or, of a backfill, `absent`, when
 * there is none, and `later`, while the sink lands what it has to before.
 */
export type Standing = 'there' | 'awaited' | 'retired' | 'absent' | 'later';

export interface StandingOptions {
  readonly kafka: Kafka;
  readonly admin: Pick<Admin, 'listTopics'>;
  readonly config: LandingConfig;
  readonly catalog: Catalog;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * How it stands with a version's topic. A release that knows one version asks nothing of the ledger: there
 * is none that could have been retired, nor one that is still to come.
 *
 * @throws PermanentError `topic-version-unknown`, `topic-missing`
 */
export async function standingOf(topic: string, options: StandingOptions): Promise<Standing> {
  const { kafka, admin, config, catalog, log, signal } = options;
  requireKnown(await admin.listTopics(), options);
  if (catalog.length === 1) return 'there';
  const ledger = ledgerTopic(config.table, config.topic_prefix);
  await readLedgerUuid(kafka, ledger, { signal, log });
  const { named, retired } = await readLedgerTopics(kafka, ledger, { signal });
  if (retired.has(topic)) return 'retired';
  // Behind the ledger: what that names was there before.
  if ((await admin.listTopics()).includes(topic)) return 'there';
  if (!named.has(topic)) return 'awaited';
  throw topicMissing(topic);
}

export function topicMissing(topic: string, cause?: unknown): PermanentError {
  return new PermanentError(`topic ${topic} does not exist any more, and was not retired`, {
    code: 'topic-missing',
    remedy:
      'It was deleted with rows that this sink may not have landed. Restore it. See docs/11-topic-versions.md on how a version is retired.',
    cause,
  });
}

/** Rows go to a topic of which nothing is known here: they would never land, and nobody would say so. */
function requireKnown(
  there: readonly string[],
  { config, catalog }: Pick<StandingOptions, 'config' | 'catalog'>,
): void {
  const known = catalog.map((version) => topicOf(config, version));
  const stem = known[0]!.replace(/\d+$/, '');
  const unknown = there.find(
    (one) => one.startsWith(stem) && /^\d+$/.test(one.slice(stem.length)) && !known.includes(one),
  );
  if (unknown === undefined) return;
  throw new PermanentError(`there is a topic ${unknown}, which this version does not read`, {
    code: 'topic-version-unknown',
    remedy: 'Upgrade the sinks before capture when the schema changes. Nothing was landed of it.',
  });
}
