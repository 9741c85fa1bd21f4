import { objectMetrics } from '@scoreline/files';
import { runSink } from '@scoreline/landing';
import { main } from '@scoreline/service';

import { settings } from './config.ts';
import { gcsSink } from './gcs-sink.ts';

await main('sink-gcs', settings, ({ config, log, metrics }) =>
  runSink(gcsSink(config, { log, metrics: objectMetrics(metrics) }), { config, log, metrics }),
);
