import { runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main } from '@scoreline/service';

import { BigQuerySink } from './big-query-sink.ts';
import { settings } from './config.ts';
import { metrics as bigQueryMetrics } from './metrics.ts';

/** The service, with the versions that it knows. */
export function sinkBigquery(catalog: Catalog): Promise<void> {
  return main('sink-bigquery', settings, ({ config, log, metrics }) => {
    const sink = new BigQuerySink(config, { log, metrics: bigQueryMetrics(metrics), catalog });
    return runSink(sink, { config, log, metrics, catalog });
  });
}
