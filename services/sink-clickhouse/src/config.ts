import { landingSettings } from '@scoreline/landing';
import {
  choice,
  duration,
  flag,
  integer,
  secret,
  serviceSettings,
  text,
  url,
  withFacts,
} from '@scoreline/service';
import { z } from 'zod';

export const settings = z.object({
  ...serviceSettings,
  ...landingSettings,
  ch_dsn: secret().describe(
    'ClickHouse, as the archiver writes it: `tcp://user:password@host:9000/database`. Port 9000 stands for HTTP on 8123, 9440 for HTTPS on 8443; http and https URLs are taken as they are.',
  ),
  ch_http_url: url(['http', 'https'])
    .optional()
    .describe('Where ClickHouse speaks HTTP, when that is not what ch_dsn’s port stands for.'),
  ch_tls_ca: text()
    .optional()
    .describe(
      'File with the certificate of the authority that has signed ClickHouse’s, in PEM; without it, those that Node trusts.',
    ),
  batch_ch_min_size: withFacts(integer(50, { min: 1 }), { newlyEffective: true }).describe(
    'Fewer rows of a partition wait for more, but never longer than batch_ch_interval.',
  ),
  batch_ch_max_size: withFacts(integer(500_000, { min: 1, max: 1_000_000 }), {
    newlyEffective: true,
  }).describe('Rows of one insert at most; less where buffer_bytes is the narrower limit.'),
  batch_ch_interval: duration('0ms').describe(
    'How long rows may wait for batch_ch_min_size to be reached.',
  ),
  ch_insert_spacing: duration('250ms').describe(
    'At least this long from one insert of a partition to its next, unless that is full: every insert makes a part that ClickHouse must merge.',
  ),
  ch_insert_timeout: duration('5m', { min: 1000 }).describe(
    'How long an insert may take before it is ended, looked for and repeated.',
  ),
  ch_existing_table: choice(['refuse', 'migrate'], 'refuse').describe(
    'What to do with a table that others have made, such as the archiver’s: refuse it with the statements that would mend it; or migrate it, which adds columns and settings, and lands also in columns that keep less than the rows have (they are named at start).',
  ),
  accept_unsynced: flag(false).describe(
    'Land in a table that does not sync to disk before it answers: rows that count as landed can be gone after a power loss.',
  ),
});

export type Settings = z.infer<typeof settings>;
