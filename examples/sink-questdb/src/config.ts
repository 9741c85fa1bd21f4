import { landingSettings } from '@scoreline/landing';
import { duration, integer, secret, serviceSettings, text, url } from '@scoreline/service';
import { z } from 'zod';

export const settings = z.object({
  ...serviceSettings,
  ...landingSettings,
  questdb_url: url(['http', 'https']).describe('Where QuestDB speaks HTTP.'),
  questdb_table: text('log_scores').describe(
    'The table that rows land in; made if it is not there.',
  ),
  questdb_username: text().optional().describe('User name, where QuestDB asks for one.'),
  questdb_password: secret().optional().describe('Password of questdb_username.'),
  questdb_batch_rows: integer(20_000, { min: 1, max: 100_000 }).describe(
    'Rows of one request at most.',
  ),
  questdb_timeout: duration('60s', { min: 1_000 }).describe(
    'How long QuestDB may take to answer before the request is repeated.',
  ),
});

export type Settings = z.infer<typeof settings>;
