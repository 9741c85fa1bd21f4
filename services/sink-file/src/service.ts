import { objectMetrics } from '@scoreline/files';
import { auditActions, runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main, type ServiceContext } from '@scoreline/service';

import { type Settings, settings } from './config.ts';
import { fileSink } from './file-sink.ts';

/** The service, with the versions that it knows. */
export function sinkFile(catalog: Catalog): Promise<void> {
  return main(
    'sink-file',
    settings,
    (context) => runSink(sinkOf(context, catalog), { ...context, catalog }),
    auditActions(sinkOf, catalog),
  );
}

function sinkOf({ config, log, metrics }: ServiceContext<Settings>, catalog: Catalog) {
  return fileSink(config, { log, metrics: objectMetrics(metrics), catalog });
}
