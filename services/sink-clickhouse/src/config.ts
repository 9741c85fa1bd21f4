import { landingSettings } from '@scoreline/landing';
import {
  choice,
  duration,
  flag,
  integer,
  secret,
  serviceSettings,
  setting,
  text,
  withFacts,
} from '@scoreline/service';
import { z } from 'zod';

/** `http://host:port`, one of each host. */
const httpUrls = setting(
  { type: 'URL, or several' },
  (value) => {
    const urls = value.split(',').map((one) => one.trim().replace(/\/+$/, ''));
    const all = urls.every((one) => URL.canParse(one) && /^https?:$/.test(new URL(one).protocol));
    return all ? urls : null;
  },
  'a URL such as http://host:port, or several, separated by commas',
);

const quorum = setting<'auto' | number>(
  { type: '`auto` or integer of at least 1', default: 'auto' },
  (value) => (value === 'auto' ? value : /^[1-9]\d{0,2}$/.test(value) ? Number(value) : null),
);

export const settings = z.object({
  ...serviceSettings,
  ...landingSettings,
  ch_dsn: secret().describe(
    'ClickHouse, as the archiver writes it: `tcp://user:password@host:9000/database`; the replicas of a table as `host:9000,host:9000`. Port 9000 stands for HTTP on 8123, 9440 for HTTPS on 8443; http and https URLs are taken as they are.',
  ),
  ch_http_url: httpUrls
    .optional()
    .describe(
      'Where ClickHouse speaks HTTP, when that is not what ch_dsn’s ports stand for; of several hosts one URL each, separated by commas.',
    ),
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
  ch_replicated: flag(false).describe(
    'The table is a ReplicatedMergeTree, and ch_dsn names every replica; a missing one is created on each. See docs/sinks/clickhouse.md for how far this has been tested.',
  ),
  ch_insert_quorum: quorum.describe(
    'Replicas that must have an insert before it counts as landed; `auto` is more than half of them.',
  ),
  accept_unsynced: flag(false).describe(
    'Land in a table that does not sync to disk before it answers, or with a quorum of less than two replicas: rows that count as landed can be gone after a power loss.',
  ),
});

export type Settings = z.infer<typeof settings>;
