import { objectMetrics } from '@scoreline/files';
import { runSink } from '@scoreline/landing';
import { main } from '@scoreline/service';

import { settings } from './config.ts';
import { fileSink } from './file-sink.ts';

await main('sink-file', settings, ({ config, log, metrics }) =>
  runSink(fileSink(config, { log, metrics: objectMetrics(metrics) }), { config, log, metrics }),
);
