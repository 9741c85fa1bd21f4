import { objectMetrics } from '@scoreline/files';
import { runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main } from '@scoreline/service';

import { settings } from './config.ts';
import { gcsSink } from './gcs-sink.ts';

/** The service, with the versions that it knows. */
export function sinkGcs(catalog: Catalog): Promise<void> {
  return main('sink-gcs', settings, ({ config, log, metrics: registry }) => {
    const sink = gcsSink(config, { log, metrics: objectMetrics(registry), catalog });
    return runSink(sink, { config, log, metrics: registry, catalog });
  });
}
