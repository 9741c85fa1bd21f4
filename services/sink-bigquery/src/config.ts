import { landingSettings } from '@scoreline/landing';
import { duration, integer, serviceSettings, text, url, withFacts } from '@scoreline/service';
import { z } from 'zod';

const newly = { newlyEffective: true };

export const settings = z.object({
  ...serviceSettings,
  ...landingSettings,
  bq_dataset: text().describe(
    'The BigQuery dataset, which must exist: its location is where the rows stay. The table has the name of `table`.',
  ),
  bq_project: withFacts(text('ntppool'), newly).describe(
    'The Google Cloud project of the dataset and of the load jobs.',
  ),
  bq_api_endpoint: url(['http', 'https'])
    .optional()
    .describe(
      'Another address of BigQuery’s API: a private endpoint, or an emulator. Over plain http no credentials are sent.',
    ),
  google_application_credentials: text()
    .optional()
    .describe(
      'File with the credentials; without it those of the machine or the Kubernetes service account.',
    ),
  batch_bq_min_size: withFacts(integer(200, { min: 1 }), newly).describe(
    'Fewer rows of a partition wait for more, but never longer than batch_bq_interval.',
  ),
  batch_bq_max_size: withFacts(integer(10_000_000, { min: 1, max: 10_000_000 }), newly).describe(
    'Rows of one load job at most; less where buffer_bytes is the narrower limit.',
  ),
  batch_bq_interval: duration('10m').describe(
    'At least this long from one load job of a partition to its next, unless that is full; rows that are fewer than batch_bq_min_size wait no longer than this.',
  ),
  bq_jobs_per_day: integer(1400, { min: 1, max: 100_000 }).describe(
    'Load jobs into the table in any 24 hours, over all members of the group. Google allows 1,500, counts failed ones too, and does not raise that.',
  ),
  bq_partition_changes_per_day: integer(10_000, { min: 1 }).describe(
    'Days of the table that load jobs may touch in any 24 hours: a job whose rows are of five days counts five. Google’s limit depends on how the table is partitioned.',
  ),
  bq_quota_pause: duration('10m', { min: 1 }).describe(
    'How long no load job is started after BigQuery has said quotaExceeded; after that they are further apart for a day.',
  ),
  bq_job_timeout: duration('7h', { min: 1 }).describe(
    'A load job that still runs after this long is cancelled, and started anew when none of its rows are there. Google ends load jobs after six hours: with less, rows of a job that was only slow could land twice.',
  ),
  bq_upload_timeout: duration('15m', { min: 1000 }).describe(
    'How long the upload of one range may take before it is given up and repeated.',
  ),
});

export type Settings = z.infer<typeof settings>;
