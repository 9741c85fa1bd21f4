import { runSink } from '@scoreline/landing';
import { main } from '@scoreline/service';

import { settings } from './config.ts';
import { QuestDbSink } from './quest-db-sink.ts';

await main('sink-questdb', settings, ({ config, log, metrics }) =>
  runSink(new QuestDbSink(config), { config, log, metrics }),
);
