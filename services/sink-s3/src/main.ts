import { objectMetrics } from '@scoreline/files';
import { runSink } from '@scoreline/landing';
import { main } from '@scoreline/service';

import { settings } from './config.ts';
import { s3Sink } from './s3-sink.ts';

await main('sink-s3', settings, ({ config, log, metrics }) =>
  runSink(s3Sink(config, { log, metrics: objectMetrics(metrics) }), { config, log, metrics }),
);
