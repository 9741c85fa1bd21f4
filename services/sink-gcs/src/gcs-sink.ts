import { configuredSink, type ObjectSink, type ServiceParts } from '@scoreline/files';

import type { Settings } from './config.ts';
import { GcsStore } from './gcs-store.ts';

/** The sink as it is configured. */
export function gcsSink(config: Settings, parts: ServiceParts): ObjectSink {
  return configuredSink(config, { ...parts, name: 'gcs', store: new GcsStore(config) });
}
