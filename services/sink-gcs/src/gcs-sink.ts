import { fileLimits, type ObjectMetrics, ObjectSink, workFolder } from '@scoreline/files';
import { landedTopics } from '@scoreline/landing';
import { type Catalog, RELEASED } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import type { Settings } from './config.ts';
import { GcsStore } from './gcs-store.ts';

/** The sink as it is configured. */
export function gcsSink(
  config: Settings,
  {
    log,
    metrics,
    catalog = RELEASED,
  }: { readonly log: Logger; readonly metrics: ObjectMetrics; readonly catalog?: Catalog },
): ObjectSink {
  return new ObjectSink({
    name: 'gcs',
    topics: landedTopics(config, catalog).map(({ topic }) => topic),
    limits: fileLimits(config),
    store: new GcsStore(config),
    codec: config.avro_codec,
    blockRows: config.batch_avro_append_size,
    workFolder: workFolder(config),
    log,
    metrics,
  });
}
