import type { NewObject } from '@scoreline/files';
import { createLog } from '@scoreline/service';

import { S3Store } from '../s3-store.ts';
import type { StoreConfig } from '../store-settings.ts';

// A process to be killed: `create-once.js <config> <object>`, both as JSON.
const [config = '', object = ''] = process.argv.slice(2);
const store = new S3Store(
  JSON.parse(config) as StoreConfig,
  createLog('create-once', { log_level: 'silent' }),
);
await store.create(JSON.parse(object) as NewObject, new AbortController().signal);
