import { basename } from 'node:path';

import { SERVER_NAMES, type ServerName } from '../server.ts';

/** Their first install takes minutes, and they are needed by tests only that are named after them. */
const WHEN_NAMED: readonly ServerName[] = ['gcs', 's3', 'bigquery'];

/** What a run of these test files starts. `upload.gcs.s3.test.js` needs a gcs and an s3. */
export function serversFor(files: readonly string[]): readonly ServerName[] {
  const named = new Set(files.flatMap((file) => basename(file).split('.').slice(1, -2)));
  return SERVER_NAMES.filter((name) => !WHEN_NAMED.includes(name) || named.has(name));
}
