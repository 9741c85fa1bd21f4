import { runSink } from '@scoreline/landing';
import { main } from '@scoreline/service';

import { ClickHouseSink } from './click-house-sink.ts';
import { settings } from './config.ts';

await main('sink-clickhouse', settings, ({ config, log, metrics }) =>
  runSink(new ClickHouseSink(config, log), { config, log, metrics }),
);
