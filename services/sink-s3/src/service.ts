import { objectMetrics } from '@scoreline/files';
import { runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main } from '@scoreline/service';

import { settings } from './config.ts';
import { s3Sink } from './s3-sink.ts';

/** The service, with the versions that it knows. */
export function sinkS3(catalog: Catalog): Promise<void> {
  return main('sink-s3', settings, ({ config, log, metrics: registry }) => {
    const sink = s3Sink(config, { log, metrics: objectMetrics(registry), catalog });
    return runSink(sink, { config, log, metrics: registry, catalog });
  });
}
