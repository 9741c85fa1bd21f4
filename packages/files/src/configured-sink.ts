import type { LandingConfig } from '@scoreline/landing';
import { topicName } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import type { FileSystem } from './file-system.ts';
import type { ObjectMetrics } from './metrics.ts';
import { ObjectSink } from './object-sink.ts';
import type { ObjectStore } from './object-store.ts';
import { type FileConfig, fileLimits, workFolder } from './settings.ts';

/** What a service has, beside its store. */
export interface ServiceParts {
  readonly log: Logger;
  readonly metrics: ObjectMetrics;
}

export interface ConfiguredSinkOptions extends ServiceParts {
  /** `gcs`: see `Sink.name`. */
  readonly name: string;
  readonly store: ObjectStore;
  /** Where files are made when not beside the ranges that wait. */
  readonly workFolder?: string;
  readonly files?: FileSystem;
}

/** The sink of files that the settings describe. */
export function configuredSink(
  config: FileConfig & Pick<LandingConfig, 'table' | 'topic_prefix' | 'spool_dir'>,
  options: ConfiguredSinkOptions,
): ObjectSink {
  return new ObjectSink({
    workFolder: workFolder(config),
    ...options,
    topic: topicName(config.table, undefined, config.topic_prefix),
    limits: fileLimits(config),
    codec: config.avro_codec,
    blockRows: config.batch_avro_append_size,
  });
}
