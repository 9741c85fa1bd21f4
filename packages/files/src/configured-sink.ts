import { landedTopics, type LandingConfig } from '@scoreline/landing';
import { type Catalog, RELEASED, topicName } from '@scoreline/schema';
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
  /** The versions that are known: those of this release, unless said otherwise. */
  readonly catalog?: Catalog;
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
  config: FileConfig &
    Pick<LandingConfig, 'table' | 'topic_prefix' | 'topic_versions' | 'spool_dir'>,
  { catalog = RELEASED, ...options }: ConfiguredSinkOptions,
): ObjectSink {
  return new ObjectSink({
    workFolder: workFolder(config),
    ...options,
    topics: landedTopics(config, catalog).map(({ topic }) => topic),
    allTopics: catalog.map(({ number }) => topicName(config.table, number, config.topic_prefix)),
    limits: fileLimits(config),
    codec: config.avro_codec,
    blockRows: config.batch_avro_append_size,
  });
}
