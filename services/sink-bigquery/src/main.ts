import { runSink } from '@scoreline/landing';
import { main } from '@scoreline/service';

import { BigQuerySink } from './big-query-sink.ts';
import { settings } from './config.ts';
import { metrics as bigQueryMetrics } from './metrics.ts';

await main('sink-bigquery', settings, ({ config, log, metrics }) =>
  runSink(new BigQuerySink(config, { log, metrics: bigQueryMetrics(metrics) }), {
    config,
    log,
    metrics,
  }),
);
