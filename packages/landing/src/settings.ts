import { tmpdir } from 'node:os';

import { kafkaSettings, topicSettings } from '@scoreline/kafka';
import {
  byteSize,
  choice,
  ConfigError,
  duration,
  integer,
  secret,
  setting,
  text,
  url,
} from '@scoreline/service';
import type { z } from 'zod';

export interface AcceptedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Both inclusive. */
export interface IdSpan {
  readonly from: number;
  readonly to: number;
}

/** What every sink is told, beside what its destination needs: spread into its settings. */
export const landingSettings = {
  ...kafkaSettings,
  schema_registry_url: url(['http', 'https']).describe(
    'The schema registry (Confluent’s API) from which schemas are read by id.',
  ),
  schema_registry_username: text().optional().describe('User name for the registry.'),
  schema_registry_password: secret().optional().describe('Password for the registry.'),
  table: text('log_scores').describe('The captured table, after which the topic is named.'),
  topic_versions: setting<readonly number[]>(
    { type: 'versions, separated by commas' },
    parseVersions,
  )
    .optional()
    .describe(
      'Which versions of the topic are landed, each under a consumer group of its own: all that this release knows, unless some are named. Rows of a version that is left out wait in Kafka.',
    ),
  accept_offset: setting<readonly AcceptedOffset[]>(
    { type: '`topic:partition:offset`, separated by commas' },
    parseAcceptedOffsets,
  )
    .optional()
    .describe(
      'Where to go on in partitions whose committed offset cannot be trusted; the error that asks for it says why. Remove it afterwards.',
    ),
  existing_rows: choice(['refuse', 'anti-join'], 'refuse').describe(
    'What a group without offsets does where the destination holds rows: refuse to begin; or begin at the log’s start and land, of ranges whose ids may be there, only the rows whose ids are not. For taking over from another archiver, which must have been stopped. What was found is kept with the offsets: the setting may be removed afterwards.',
  ),
  on_poison: choice(['stop', 'quarantine'], 'stop').describe(
    'What to do with a record that cannot land: stop, so that nothing is passed over; or put it into the topic `<topic>.quarantine`, go on, and hold the purge back until it is released.',
  ),
  quarantine_limit: integer(100, { min: 1, max: 1_000_000 }).describe(
    'Records that one partition may have in quarantine; at one more the sink stops.',
  ),
  accept_quarantined: setting<readonly AcceptedOffset[]>(
    { type: '`topic:partition:offset`, separated by commas' },
    parseAcceptedOffsets,
  )
    .optional()
    .describe(
      'Releases the quarantined records of a partition, by the offset of the last one: an operator has seen to all of them, and the purge need not wait for them. Remove it afterwards.',
    ),
  audit_interval: duration('0s').describe(
    'How often the buckets that have been landed since the last time are compared with the ledger, id by id, and the clean ones recorded there; 0s is never. It asks the destination for ids, slowly.',
  ),
  audit_ids: setting<IdSpan>({ type: 'id, or `from-to`' }, parseIds)
    .optional()
    .describe(
      'Which ids --audit compares, rounded out to whole buckets of 65,536: all, unless it is said.',
    ),
  format: choice(['text', 'json'], 'text').describe('How --audit prints what it has found.'),
  manage_topics: topicSettings.manage_topics,
  recommit_interval: duration('24h', { min: 1_000 }).describe(
    'How often what was committed is committed again where nothing new comes, so that a broker does not let it expire; shorter than the brokers’ `offsets.retention.minutes`.',
  ),
  buffer_bytes: byteSize('64MB', { min: 1_000_000 }).describe(
    'Memory for rows that were fetched and have not landed, over all partitions.',
  ),
  spool_dir: text()
    .optional()
    .describe(
      'Folder for ranges that may be larger than memory, in sinks that have such: scratch space on a local disk, by default the system’s folder for temporary files. Sinks of files make them in there, too. Nothing in it outlives the process.',
    ),
  spool_bytes: byteSize('10GB', { min: 10_000_000 }).describe(
    'How much of spool_dir may be used, over all partitions. When it is full, the largest range is landed before it is full or due.',
  ),
  fetch_bytes: byteSize('6MB', { min: 1_048_588 }).describe('Largest answer to one fetch.'),
  session_timeout: duration('30s', { min: 6_000 }).describe(
    'A member that is not heard of for this long loses its partitions to the others.',
  ),
  rebalance_timeout: duration('60s', { min: 6_000 }).describe(
    'How long the group waits for its members to join again.',
  ),
};

export type LandingConfig = Readonly<z.infer<z.ZodObject<typeof landingSettings>>>;

export function spoolFolder(config: Pick<LandingConfig, 'spool_dir'>): string {
  return config.spool_dir ?? tmpdir();
}

function parseVersions(value: string): readonly number[] | null {
  const versions = value.split(',').map((item) => item.trim());
  const areNumbers = versions.every((version) => /^[1-9]\d{0,2}$/.test(version));
  return areNumbers && new Set(versions).size === versions.length ? versions.map(Number) : null;
}

function parseIds(value: string): IdSpan | null {
  const [, first = '', last = first] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(value) ?? [];
  const span = { from: Number(first), to: Number(last) };
  const areIds = first !== '' && Number.isSafeInteger(span.from) && Number.isSafeInteger(span.to);
  return areIds && span.from <= span.to ? span : null;
}

function parseAcceptedOffsets(value: string): readonly AcceptedOffset[] | null {
  const accepted: AcceptedOffset[] = [];
  for (const item of value.split(',')) {
    const match = /^([^:\s]+):(\d{1,5}):(\d{1,19})$/.exec(item.trim());
    if (!match) return null;
    const [, topic = '', partition = '', offset = ''] = match;
    accepted.push({ topic, partition: Number(partition), offset: BigInt(offset) });
  }
  return accepted;
}

export function acceptedFor(
  config: Pick<LandingConfig, 'accept_offset' | 'accept_quarantined'>,
  name: 'accept_offset' | 'accept_quarantined',
  { topic, partition }: Pick<AcceptedOffset, 'topic' | 'partition'>,
): bigint | undefined {
  const found = config[name]?.filter((one) => one.topic === topic && one.partition === partition);
  if (found !== undefined && found.length > 1) {
    throw new ConfigError(`${name} names ${topic}:${partition} twice`, { code: 'settings' });
  }
  return found?.[0]?.offset;
}
