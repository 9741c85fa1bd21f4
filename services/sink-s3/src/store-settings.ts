import { flag, type RuleProblem, secret, text, url } from '@scoreline/service';
import type { z } from 'zod';

/** The bucket and the way to it. */
export const storeSettings = {
  s3_bucket: text().describe('The bucket in which files are created.'),
  s3_prefix: text('').describe(
    'What the names of all objects begin with, such as `ntp/`; part of what the destination is.',
  ),
  s3_region: text('us-east-1').describe('The bucket’s region.'),
  s3_endpoint: url(['http', 'https'])
    .optional()
    .describe('Where S3 is reached when not at Amazon: another store with its interface.'),
  s3_path_style: flag(false).describe(
    'Name the bucket in the path instead of in the host name, which most other stores need.',
  ),
  s3_access_key_id: text()
    .optional()
    .describe(
      'Access key; when unset, credentials are found as Amazon’s tools find them (environment, web identity, container, instance).',
    ),
  s3_secret_access_key: secret().optional().describe('The secret of s3_access_key_id.'),
  s3_content_type: text('avro/binary').describe('The content type of the files.'),
};

export type StoreConfig = Readonly<z.infer<z.ZodObject<typeof storeSettings>>>;

/** Half of a pair of keys would be passed over, and other credentials found. */
export function bothKeys(values: Partial<StoreConfig>): readonly RuleProblem[] {
  const { s3_access_key_id: id, s3_secret_access_key: key } = values;
  if ((id === undefined) === (key === undefined)) return [];
  const missing = id === undefined ? 's3_access_key_id' : 's3_secret_access_key';
  const given = id === undefined ? 's3_secret_access_key' : 's3_access_key_id';
  return [{ setting: missing, message: `${missing}: required, as ${given} is set` }];
}
