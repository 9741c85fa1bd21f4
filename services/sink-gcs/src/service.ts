import { objectMetrics } from '@scoreline/files';
import { auditActions, runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main, type ServiceContext } from '@scoreline/service';

import { type Settings, settings } from './config.ts';
import { gcsSink } from './gcs-sink.ts';

/** The service, with the versions that it knows. */
export function sinkGcs(catalog: Catalog): Promise<void> {
  return main(
    'sink-gcs',
    settings,
    (context) => runSink(sinkOf(context, catalog), { ...context, catalog }),
    auditActions(sinkOf, catalog),
  );
}

function sinkOf({ config, log, metrics }: ServiceContext<Settings>, catalog: Catalog) {
  return gcsSink(config, { log, metrics: objectMetrics(metrics), catalog });
}
