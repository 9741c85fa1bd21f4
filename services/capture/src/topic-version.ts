import type { Checkpoint } from '@scoreline/ledger';
import { type Catalog, newest, type TopicVersion } from '@scoreline/schema';
import { ConfigError, PermanentError } from '@scoreline/service';

import type { PipelineNames } from './pipeline-names.ts';

/**
 * The version that is published: the newest that this release knows, unless a setting says otherwise.
 *
 * @throws ConfigError `settings`
 */
export function publishedVersion(catalog: Catalog, setting: number | undefined): TopicVersion {
  if (setting === undefined) return newest(catalog);
  return known(catalog, setting, 'topic_version');
}

/** @throws ConfigError `settings` for a version that this release does not know. */
export function known(catalog: Catalog, number: number, setting: string): TopicVersion {
  const version = catalog.find((one) => one.number === number);
  if (version !== undefined) return version;
  const all = catalog.map((one) => one.number).join(', ');
  throw new ConfigError(`${setting}: this release knows no version ${number}, only ${all}`, {
    code: 'settings',
    remedy: 'Start a release that knows it, or name another version.',
  });
}

/**
 * Once a version has rows, those of its columns that an older one lacks would be missing in what came
 * later, and nothing could be said of the older topic any more: so there is no way back.
 *
 * @throws PermanentError `topic-version-lowered`, `topic-version-unknown`
 */
export function requireNotLowered(
  { topic, topics, version, ledgerTopic }: PipelineNames,
  { topicEnds }: Pick<Checkpoint, 'topicEnds'>,
): void {
  for (const one of Object.keys(topicEnds)) {
    const written = topics.get(one);
    if (written === undefined) throw unknownTopic(one);
    if (written.number <= version.number) continue;
    throw new PermanentError(
      `${ledgerTopic} has rows in ${one}, and topic_version is ${version.number}: they went on there, and do not go back to ${topic}`,
      {
        code: 'topic-version-lowered',
        remedy: `Set topic_version=${written.number}, or leave it away. Nothing was published.`,
      },
    );
  }
}

/** A topic that the ledger names, and this release does not know. */
export function unknownTopic(topic: string): PermanentError {
  return new PermanentError(`the ledger has rows in ${topic}, which this release does not know`, {
    code: 'topic-version-unknown',
    remedy: 'A newer release has written them: start that one again. Nothing was published.',
  });
}
