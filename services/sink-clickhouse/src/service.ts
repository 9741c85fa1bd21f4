import { auditActions, runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main, type ServiceContext } from '@scoreline/service';

import { ClickHouseSink } from './click-house-sink.ts';
import { type Settings, settings } from './config.ts';

/** The service, with the versions that it knows. */
export function sinkClickhouse(catalog: Catalog): Promise<void> {
  return main(
    'sink-clickhouse',
    settings,
    (context) => runSink(sinkOf(context, catalog), { ...context, catalog }),
    auditActions(sinkOf, catalog),
  );
}

function sinkOf({ config, log }: ServiceContext<Settings>, catalog: Catalog): ClickHouseSink {
  return new ClickHouseSink(config, log, catalog);
}
