import { basename } from 'node:path';

import { SERVER_NAMES, type ServerName } from '../server.ts';

/** They are needed by tests only that are named after them, and most take minutes to install. */
const WHEN_NAMED: readonly ServerName[] = ['gcs', 's3', 'bigquery', 'questdb'];

/** What a run of these test files starts. `upload.gcs.s3.test.js` needs a gcs and an s3. */
export function serversFor(files: readonly string[]): readonly ServerName[] {
  const named = new Set(files.flatMap((file) => basename(file).split('.').slice(1, -2)));
  return SERVER_NAMES.filter((name) => !WHEN_NAMED.includes(name) || named.has(name));
}
