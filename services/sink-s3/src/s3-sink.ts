import { configuredSink, type ObjectSink, type ServiceParts } from '@scoreline/files';

import type { Settings } from './config.ts';
import { S3Store } from './s3-store.ts';

/** The sink as it is configured. */
export function s3Sink(config: Settings, parts: ServiceParts): ObjectSink {
  return configuredSink(config, { ...parts, name: 's3', store: new S3Store(config, parts.log) });
}
