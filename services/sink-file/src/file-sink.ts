import path from 'node:path';

import {
  fileLimits,
  type FileSystem,
  nodeFiles,
  type ObjectMetrics,
  ObjectSink,
} from '@scoreline/files';
import { landedTopics } from '@scoreline/landing';
import { type Catalog, RELEASED } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import type { Settings } from './config.ts';
import { FileStore, OWN_FOLDER } from './file-store.ts';

export interface FileSinkOptions {
  readonly log: Logger;
  readonly metrics: ObjectMetrics;
  readonly catalog?: Catalog;
  readonly files?: FileSystem;
}

/** The sink as it is configured. Files are made beside where they are kept, so that they can be linked. */
export function fileSink(
  config: Settings,
  { log, metrics, catalog = RELEASED, files = nodeFiles }: FileSinkOptions,
): ObjectSink {
  const root = path.resolve(config.avro_path);
  return new ObjectSink({
    name: 'file',
    topics: landedTopics(config, catalog).map(({ topic }) => topic),
    limits: fileLimits(config),
    store: new FileStore(root, files),
    codec: config.avro_codec,
    blockRows: config.batch_avro_append_size,
    workFolder: path.join(root, OWN_FOLDER, 'work'),
    log,
    metrics,
    files,
  });
}
