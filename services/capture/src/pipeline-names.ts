import { ledgerTopic } from '@scoreline/ledger';
import { type Catalog, type TopicVersion, topicName } from '@scoreline/schema';

/** What a pipeline's things are called, the same on every host. */
export interface PipelineNames {
  /** The version that is published, and its topic. */
  readonly version: TopicVersion;
  readonly topic: string;
  /** The topics of all versions that this release knows, whether or not they exist. */
  readonly topics: ReadonlyMap<string, TopicVersion>;
  readonly ledgerTopic: string;
  readonly transactionalId: string;
}

export interface NamingOptions {
  readonly prefix: string;
  readonly version: TopicVersion;
  readonly catalog: Catalog;
}

export function pipelineNames(
  table: string,
  { prefix, version, catalog }: NamingOptions,
): PipelineNames {
  const topicOf = ({ number }: TopicVersion): string => topicName(table, number, prefix);
  return {
    version,
    topic: topicOf(version),
    topics: new Map(catalog.map((one) => [topicOf(one), one])),
    ledgerTopic: ledgerTopic(table, prefix),
    transactionalId: `${prefix}scoreline-capture-${table}`,
  };
}
