import { auditActions, runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main, type ServiceContext } from '@scoreline/service';

import { BigQuerySink } from './big-query-sink.ts';
import { type Settings, settings } from './config.ts';
import { metrics as bigQueryMetrics } from './metrics.ts';

/** The service, with the versions that it knows. */
export function sinkBigquery(catalog: Catalog): Promise<void> {
  return main(
    'sink-bigquery',
    settings,
    (context) => runSink(sinkOf(context, catalog), { ...context, catalog }),
    auditActions(sinkOf, catalog),
  );
}

function sinkOf({ config, log, metrics }: ServiceContext<Settings>, catalog: Catalog) {
  return new BigQuerySink(config, { log, metrics: bigQueryMetrics(metrics), catalog });
}
