import { runSink } from '@scoreline/landing';
import type { Catalog } from '@scoreline/schema';
import { main } from '@scoreline/service';

import { ClickHouseSink } from './click-house-sink.ts';
import { settings } from './config.ts';

/** The service, with the versions that it knows. */
export function sinkClickhouse(catalog: Catalog): Promise<void> {
  return main('sink-clickhouse', settings, ({ config, log, metrics }) =>
    runSink(new ClickHouseSink(config, log, catalog), { config, log, metrics, catalog }),
  );
}
