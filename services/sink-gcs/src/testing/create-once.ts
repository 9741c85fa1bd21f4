import type { NewObject } from '@scoreline/files';

import { GcsStore } from '../gcs-store.ts';
import type { StoreConfig } from '../store-settings.ts';

// A process to be killed: `create-once.js <config> <object>`, both as JSON.
const [config = '', object = ''] = process.argv.slice(2);
const store = new GcsStore(JSON.parse(config) as StoreConfig);
await store.create(JSON.parse(object) as NewObject, new AbortController().signal);
