import {
  archiverSettings,
  databaseRule,
  databaseSettings,
  utcOffsetMinutes,
} from '@scoreline/database';
import { kafkaSettings, topicSettings } from '@scoreline/kafka';
import {
  byteSize,
  choice,
  duration,
  integer,
  secret,
  serviceSettings,
  setting,
  text,
  url,
  withRule,
} from '@scoreline/service';
import { z } from 'zod';

import { parseExclude } from './exclude.ts';
import { parseIdRange } from './id-range.ts';
import { parseInitial } from './initial.ts';

export const settings = withRule(
  z.object({
    ...serviceSettings,
    ...databaseSettings,
    ...kafkaSettings,
    ...topicSettings,
    ...archiverSettings,
    schema_registry_url: url(['http', 'https']).describe('The schema registry.'),
    schema_registry_username: text().optional().describe('User name for the registry.'),
    schema_registry_password: secret().optional().describe('Password for the registry.'),
    topic_version: integer(undefined, { min: 1, max: 1_000 })
      .optional()
      .describe(
        'Which version of the topic gets the rows: by default the newest that this release knows. Raised, and never lowered once it has rows.',
      ),
    initial: setting({ type: 'now, all or since:<date>', default: 'now' }, parseInitial).describe(
      'Where the very first start begins: with what commits from now on, with every row that the table holds, or with its rows from a date on (since:2026-01-31, UTC). Rows before are declined: never captured, and never purged.',
    ),
    exclude: setting({ type: 'list of column=/regex/' }, parseExclude)
      .optional()
      .describe(
        'Rows that are kept out of the topic: those of which any of these columns, as text, matches its regular expression (JavaScript), such as monitor_id=/^(17|18)$/, attributes=/"error":"i\\/o timeout"/. Their ids are noted in the ledger as excluded. NULL matches nothing.',
      ),
    accept_known: setting({ type: '<from>-<to>' }, parseIdRange)
      .optional()
      .describe(
        'Ids of which rows may come again: one that is captured is compared with the topic, dropped when it is the same, byte for byte, and stops capture otherwise.',
      ),
    accept_new_source: text()
      .optional()
      .describe(
        'The server_uuid (MariaDB: <server_id>-<gtid_domain_id>) of a server to go on at after a failover that GTIDs cannot prove. Its newest rows must equal those that were captured; what is missing is read from its table.',
      ),
    reconcile_rate: integer(50_000, { max: 10_000_000 }).describe(
      'Rows a second that are read from the table and published beside the stream, at most; 0 is no limit.',
    ),
    reconcile_ids: setting({ type: '<from>-<to>' }, parseIdRange)
      .optional()
      .describe(
        'Ids whose rows are looked for in the table at each start, and published when they are not in the ledger.',
      ),
    audit_interval: duration('1h').describe(
      'How often the newest full buckets of the ledger are compared with the table, and what is missing published; 0s is never.',
    ),
    replica_server_id: integer(0, { max: 2 ** 32 - 1 }).describe(
      'The server id with which capture registers as a reader of the binlog, unique among replicas; 0 takes one at random at each start.',
    ),
    linger: duration('50ms', { max: 60_000 }).describe(
      'How long a Kafka transaction waits for more rows.',
    ),
    max_transaction_rows: integer(50_000, { min: 1, max: 1_000_000 }).describe(
      'A Kafka transaction is closed at so many rows.',
    ),
    max_transaction_bytes: byteSize('8MB', { min: 1 }).describe(
      'A Kafka transaction is closed at so many bytes of rows.',
    ),
    max_group_bytes: byteSize('32MB', { min: 1 }).describe(
      'A larger source transaction is published in parts; it must not roll back to before what is out.',
    ),
    max_queue_bytes: byteSize('32MB', { min: 1 }).describe(
      'Rows that are read and not published yet, at most; then reading the binlog pauses.',
    ),
    checkpoint_interval: duration('10s', { min: 100 }).describe(
      'How often the position is saved while the table gets no rows.',
    ),
    heartbeat_interval: duration('5s', { min: 100, max: 600_000 }).describe(
      'How often an idle source says that it is there.',
    ),
    source_timeout: duration('20s', { min: 500 }).describe(
      'A source that says nothing for so long is connected to again; more than heartbeat_interval.',
    ),
    fence_interval: duration('5s', { min: 100, max: 600_000 }).describe(
      'How often the source is asked where its binlog ends, which the stream then has to pass.',
    ),
    fence_timeout: duration('30s').describe(
      'A stream that brings nothing for so long, while the source says that it is further, is begun again; more than fence_interval, or 0 for never.',
    ),
    min_binlog_runway: duration('1h').describe(
      'A source that keeps its binlogs for a shorter time than this is refused at start, and a checkpoint that can be purged sooner is warned of; 0 for neither.',
    ),
    kafka_transaction_timeout: duration('60s', { min: 5_000, max: 900_000 }).describe(
      'After so long the brokers abort a transaction of a capture that is gone; at most their transaction.max.timeout.ms.',
    ),
    ledger_uuid: setting({ type: 'UUID' }, uuid)
      .optional()
      .describe(
        'For --rebuild-ledger: the uuid that the ledger had, as every sink shows it on /status; a new one otherwise.',
      ),
    retire_version: integer(undefined, { min: 1, max: 1_000 })
      .optional()
      .describe('For --retire-topic: which version of the topic is retired.'),
    retire_digest: text()
      .optional()
      .describe(
        'For --retire-topic: the digest of the plan that it has printed, to apply that very plan.',
      ),
    backfill_sink: setting({ type: 'name of a sink' }, sinkName)
      .optional()
      .describe('For --backfill: for which sink rows are published once more, such as clickhouse.'),
    backfill_ids: setting({ type: '<from>-<to>' }, parseIdRange)
      .optional()
      .describe('For --backfill: the ids of these rows.'),
    unknown_columns: choice(['stop', 'keep', 'omit'], 'stop').describe(
      'What a column of the table does that the record has no field for: it stops capture; or its values are kept, as text in extra; or it is omitted, so that they stay in the source.',
    ),
    on_update: choice(['stop', 'count'], 'stop').describe(
      'What an UPDATE or TRUNCATE of the append-only table does.',
    ),
  }),
  (values) => {
    const problems = [...databaseRule(values)];
    const { source_timeout: timeout, heartbeat_interval: heartbeat } = values;
    if (timeout !== undefined && heartbeat !== undefined && timeout <= heartbeat) {
      problems.push({
        setting: 'source_timeout',
        message: `source_timeout: ${timeout}ms must be more than heartbeat_interval, ${heartbeat}ms`,
      });
    }
    const { fence_timeout: overdue, fence_interval: asked } = values;
    if (overdue !== undefined && asked !== undefined && overdue > 0 && overdue <= asked) {
      problems.push({
        setting: 'fence_timeout',
        message: `fence_timeout: ${overdue}ms must be more than fence_interval, ${asked}ms, or 0`,
      });
    }
    const zone = values.source_time_zone;
    if (zone !== undefined && utcOffsetMinutes(zone) === null) {
      problems.push({
        setting: 'source_time_zone',
        message: `source_time_zone: ${zone} has no fixed offset, so that an hour of each autumn is ambiguous; use UTC or an offset such as +02:00`,
      });
    }
    return problems;
  },
);

export type CaptureConfig = z.infer<typeof settings>;

function sinkName(value: string): string | null {
  return /^[a-z][a-z0-9-]*$/.test(value) ? value : null;
}

function uuid(value: string): string | null {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(value) ? value : null;
}
