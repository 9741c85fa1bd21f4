import { objectMetrics } from '@scoreline/files';
import { auditActions, runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main, type ServiceContext } from '@scoreline/service';

import { type Settings, settings } from './config.ts';
import { s3Sink } from './s3-sink.ts';

/** The service, with the versions that it knows. */
export function sinkS3(catalog: Catalog): Promise<void> {
  return main(
    'sink-s3',
    settings,
    (context) => runSink(sinkOf(context, catalog), { ...context, catalog }),
    auditActions(sinkOf, catalog),
  );
}

function sinkOf({ config, log, metrics }: ServiceContext<Settings>, catalog: Catalog) {
  return s3Sink(config, { log, metrics: objectMetrics(metrics), catalog });
}
