import { type Catalog, sinkGroupName, type TopicVersion, topicName } from '@scoreline/schema';
import { ConfigError } from '@scoreline/service';

import type { LandingConfig } from './settings.ts';

/** A topic that a sink lands, and the group under which it does. */
export interface LandedTopic {
  readonly topic: string;
  readonly version: TopicVersion;
}

type Named = Pick<LandingConfig, 'table' | 'topic_prefix' | 'topic_versions'>;

/**
 * The topics of `topic_versions`, oldest first: all that this release knows, unless a setting says less.
 *
 * @throws ConfigError `settings` for a version that this release does not know.
 */
export function landedTopics(config: Named, catalog: Catalog): readonly LandedTopic[] {
  const { topic_versions: wanted } = config;
  const unknown = wanted?.find((number) => catalog.every((version) => version.number !== number));
  if (unknown !== undefined) {
    const all = catalog.map(({ number }) => number).join(', ');
    throw new ConfigError(`topic_versions: this release knows no version ${unknown}, only ${all}`, {
      code: 'settings',
      remedy: 'Start a release that knows it, or take it out.',
    });
  }
  return catalog
    .filter(({ number }) => wanted?.includes(number) ?? true)
    .map((version) => ({ topic: topicOf(config, version), version }));
}

export function topicOf(
  { table, topic_prefix: prefix }: Pick<Named, 'table' | 'topic_prefix'>,
  { number }: TopicVersion,
): string {
  return topicName(table, number, prefix);
}

export const groupOf = sinkGroupName;
