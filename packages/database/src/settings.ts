import {
  duration,
  ignored,
  list,
  type RuleProblem,
  secret,
  setting,
  text,
  withFacts,
} from '@scoreline/service';

import { resolveSource } from './source.ts';
import { isUtc } from './time-zone.ts';

/** Settings of every service that reaches the source database. Spread them, and add `databaseRule`. */
export const databaseSettings = {
  database_dsn: secret()
    .optional()
    .describe(
      'The source database as user:password@tcp(host:port)/database?tls=true. A database.yaml in the working folder, then in secrets_path, wins.',
    ),
  database_tls_ca: text()
    .optional()
    .describe(
      'File of the certificate authority (PEM) that tls=true trusts; the system list when unset.',
    ),
  database_reload_interval: duration('5s').describe(
    'How often database.yaml, and database_dsn in the `*.env` files, are looked at: what has changed is tried, and taken without a restart. 0 = read at start only.',
  ),
  table: withFacts(
    text()
      .optional()
      .describe('The captured table, one of app_valid_tables; app_default_table when unset.'),
    { flag: 't' },
  ),
  app_default_table: text('log_scores').describe('The table when none is named.'),
  app_valid_tables: withFacts(
    list('log_scores,log_scores_archive,log_scores_test').describe('Tables that may be captured.'),
    { newlyEffective: true },
  ),
  source_time_zone: setting(
    { type: 'time zone' },
    timeZone,
    'UTC or an offset such as +02:00, as a zone with summer time has an hour twice',
  )
    .optional()
    .describe(
      "What the table's ts column means when it has no zone of its own: UTC, or an offset such as `+02:00`. UTC when unset, which is refused when the server's own zone differs.",
    ),
};

/** What an environment made for the archiver may hold and nothing here needs: spread into one service. */
export const archiverSettings = {
  app_version: ignored('The schema version is part of the topic name here.'),
  wait: ignored('Capture follows the binlog and does not wait between rounds.'),
  cleanup_reduced_interval: ignored('The purge goes on as long as there is something to delete.'),
  cleanup_fake_interval: ignored(
    'Nothing is deleted before its proof, so no dry interval is needed.',
  ),
};

/** Tells what is wrong with DSN, database.yaml and table together with the other settings. */
export function databaseRule(values: Parameters<typeof resolveSource>[0]): readonly RuleProblem[] {
  return resolveSource(values).problems;
}

function timeZone(value: string): string | null {
  if (isUtc(value)) return 'UTC';
  return /^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(value) ? value : null;
}
