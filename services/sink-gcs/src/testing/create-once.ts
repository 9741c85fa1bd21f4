import type { NewObject } from '@scoreline/files';

import { GcsStore } from '../gcs-store.ts';
import type { StoreConfig } from '../store-settings.ts';

// A process of its own: `create-once.js <config> <object>`, both as JSON. SIGTERM aborts the creation, and
// the process ends when nothing is left to do in it.
const [config = '', object = ''] = process.argv.slice(2);
const { signal, abort } = abortable();
const store = new GcsStore(JSON.parse(config) as StoreConfig);
process.once('SIGTERM', abort);
try {
  await store.create(JSON.parse(object) as NewObject, signal);
} catch (error) {
  if (!signal.aborted) throw error;
  process.stdout.write('aborted\n');
}

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
