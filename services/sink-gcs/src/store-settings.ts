import { text, url } from '@scoreline/service';
import type { z } from 'zod';

/** The bucket and the way to it. */
export const storeSettings = {
  gc_bucket: text().describe('The bucket in which files are created.'),
  gc_project: text('ntppool').describe(
    'The project that is billed for the requests (the user project of a bucket whose requester pays); `none` leaves them to the bucket’s own.',
  ),
  gc_content_type: text('avro/binary').describe('The content type of the files.'),
  gc_cache_control: text('public, max-age=157248000').describe(
    'What the files’ readers are told about caching; a file never changes.',
  ),
  gc_api_endpoint: url(['http', 'https'])
    .optional()
    .describe(
      'Where Cloud Storage is reached when not at storage.googleapis.com: a private endpoint, or an emulator. Over http no credentials are sent.',
    ),
  google_application_credentials: text()
    .optional()
    .describe(
      'File with the credentials of a service account or a federated identity; those of the machine (workload identity) when unset.',
    ),
};

export type StoreConfig = Readonly<z.infer<z.ZodObject<typeof storeSettings>>>;
