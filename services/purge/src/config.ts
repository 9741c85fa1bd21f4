import { archiverSettings, databaseRule, databaseSettings } from '@scoreline/database';
import { kafkaSettings, topicSettings } from '@scoreline/kafka';
import {
  choice,
  duration,
  flag,
  ignored,
  integer,
  list,
  type RuleProblem,
  serviceSettings,
  setting,
  SettingError,
  text,
  withFacts,
  withRule,
} from '@scoreline/service';
import { z } from 'zod';

import { parsePurgeWindows, type PurgeWindow } from './pace/purge-window.ts';
import { replicaProblems } from './replica-sources.ts';

const { manage_topics, topic_replication } = topicSettings;

export const settings = withRule(
  z.object({
    ...serviceSettings,
    ...databaseSettings,
    ...kafkaSettings,
    manage_topics,
    topic_replication,
    app_version: archiverSettings.app_version,
    wait: ignored('The purge goes on as long as there is something to delete.'),
    cleanup_reduced_interval: archiverSettings.cleanup_reduced_interval,
    cleanup_fake_interval: archiverSettings.cleanup_fake_interval,
    sinks: list()
      .optional()
      .describe(
        'Every sink that must hold a row before it is deleted, as they were promoted. Required for whatever deletes or trims: a sink that is active and missing here, or unknown to the roster, refuses everything.',
      ),
    retention_days: withFacts(integer(undefined, { min: 1, max: 36_500 }), {
      newlyEffective: true,
    })
      .optional()
      .describe(
        'Rows younger than so many days, on the clock of the source, are never deleted; `retention_days_default` when unset.',
      ),
    retention_days_default: integer(15, { min: 1, max: 36_500 }).describe(
      'The same, where `retention_days` is not set.',
    ),
    cleanup_default_interval: duration(undefined, { min: 1_000 })
      .optional()
      .describe(
        'At most `cleanup_default_batch_size` rows are deleted in each such time; 4m when only that is set. Without either there is no such bound, and the throttles decide.',
      ),
    cleanup_default_batch_size: integer(undefined, { min: 1, max: 100_000_000 })
      .optional()
      .describe(
        'At most so many rows are deleted in each `cleanup_default_interval`; 200000 when only that is set.',
      ),
    proof_max_age: duration('30s', { min: 1_000, max: 600_000 }).describe(
      'What the sinks have landed, and who they are, is read again before a chunk of rows is deleted on what is older.',
    ),
    purge_excluded: choice(['keep', 'delete'], 'keep').describe(
      'What becomes of old rows that capture’s `exclude` kept out of the topic: no archive has them.',
    ),
    purge_declined: choice(['keep', 'delete'], 'keep').describe(
      'What becomes of old rows from before `initial`, where capture began: it declined them, and no archive needs to have them.',
    ),
    purge_verify: choice(['none', 'audit'], 'none').describe(
      'With `audit` rows are deleted only where a clean audit of every active sink covers them as they are now: what it landed was found in its destination, id by id.',
    ),
    purge_window: setting<readonly PurgeWindow[]>(
      { type: 'hh:mm-hh:mm, separated by commas' },
      purgeWindows,
    )
      .optional()
      .describe(
        'Times of day, in UTC, in which rows are deleted, such as 22:00-06:00; always when unset.',
      ),
    purge_pause_file: text('/tmp/scoreline-purge.pause').describe(
      'While this file is there nothing is deleted. `touch` it to pause, remove it to go on.',
    ),
    replica_dsns: withFacts(list(), { secret: true })
      .optional()
      .describe(
        'Replicas of the source to go easy on, separated by commas, each in the form of `database_dsn`: the user needs REPLICATION CLIENT there. One that cannot be asked, or does not replicate, holds the purge.',
      ),
    max_replica_lag: duration('5s', { min: 1 }).describe(
      'Nothing is deleted while any of `replica_dsns` is further behind, or does not say.',
    ),
    max_threads_running: integer(25, { min: 1 }).describe(
      'Nothing is deleted while more threads run in the source (`Threads_running`).',
    ),
    critical_threads_running: integer(50, { min: 1 }).describe(
      'When so many run, the purge lets go and looks again after `cool_down`; more than `max_threads_running`.',
    ),
    max_history_list_length: integer(100_000, { min: 1 }).describe(
      'Nothing is deleted while InnoDB has more undo records to purge: a long transaction keeps them, and deletes add to them.',
    ),
    max_capture_lag: duration('20s', { min: 1 }).describe(
      'Nothing is deleted while capture is further behind the source; more than its `checkpoint_interval`.',
    ),
    cool_down: duration('60s', { min: 1 }).describe(
      'How long the purge keeps away from a source with `critical_threads_running`.',
    ),
    pass_interval: duration('60s', { min: 10 }).describe(
      'How long after a pass that could delete nothing more the next one begins.',
    ),
    topic_keep: duration('168h').describe(
      'Records of the topic younger than this stay in it, although every sink has landed them.',
    ),
    trim_interval: duration('10m').describe(
      'How often what every sink has landed is deleted from the topic; 0s is never.',
    ),
    archive_status: flag(true).describe(
      'Keep rows of ours in log_scores_archive_status, for those who read it, where there is such a table.',
    ),
    sink: text().optional().describe('For --promote and --retire: the sink.'),
    why: text()
      .optional()
      .describe(
        'For --promote and --retire: the reason, which is recorded for those who ask later.',
      ),
    plan_digest: text()
      .optional()
      .describe(
        'For --promote, --retire and --trim: the digest of the plan that it has printed, to apply that very plan.',
      ),
    format: choice(['text', 'json'], 'text').describe(
      'For --explain and --dry-run: what is printed is for people, or for programs.',
    ),
  }),
  (values) => [...databaseRule(values), ...ownProblems(values), ...replicaProblems(values)],
);

export type PurgeConfig = z.infer<typeof settings>;

/** Of the archiver, where one of its two settings is given and the other is not. */
const ARCHIVER_INTERVAL_MS = 4 * 60_000;
const ARCHIVER_BATCH_ROWS = 200_000;

export interface CleanupBound {
  readonly rows: number;
  readonly intervalMs: number;
}

/** At most so many rows in each such time; null when the operator has set no such bound. */
export function cleanupBound({
  cleanup_default_interval: intervalMs,
  cleanup_default_batch_size: rows,
}: Pick<
  PurgeConfig,
  'cleanup_default_interval' | 'cleanup_default_batch_size'
>): CleanupBound | null {
  if (intervalMs === undefined && rows === undefined) return null;
  return { rows: rows ?? ARCHIVER_BATCH_ROWS, intervalMs: intervalMs ?? ARCHIVER_INTERVAL_MS };
}

/** `retention_days` wins, as with the archiver. */
export function retentionDays({
  retention_days,
  retention_days_default,
}: Pick<PurgeConfig, 'retention_days' | 'retention_days_default'>): number {
  return retention_days ?? retention_days_default;
}

interface Ruled {
  readonly critical_threads_running?: number | undefined;
  readonly max_threads_running?: number | undefined;
  readonly sinks?: readonly string[] | undefined;
}

function ownProblems(values: Ruled): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const { critical_threads_running: critical, max_threads_running: most, sinks } = values;
  if (critical !== undefined && most !== undefined && critical <= most) {
    problems.push({
      setting: 'critical_threads_running',
      message: `critical_threads_running: ${critical} must be more than max_threads_running, ${most}`,
    });
  }
  const twice = sinks?.find((sink, at) => sinks.indexOf(sink) !== at);
  if (twice !== undefined) {
    problems.push({ setting: 'sinks', message: `sinks: ${twice} is named twice` });
  }
  return problems;
}

function purgeWindows(value: string): readonly PurgeWindow[] {
  try {
    return parsePurgeWindows(value);
  } catch (error) {
    throw error instanceof RangeError ? new SettingError(error.message) : error;
  }
}
