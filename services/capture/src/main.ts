#!/usr/bin/env node
import { logSource, sourceOf } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import { main } from '@scoreline/service';

import { Capture } from './capture.ts';
import { settings } from './config.ts';
import { captureMetrics } from './metrics.ts';

await main('capture', settings, ({ config, log, metrics }) => {
  const source = sourceOf(config);
  logSource(source, log);
  const kafka = createKafka(config, { clientId: 'scoreline-capture', log });
  return [new Capture({ config, source, kafka, metrics: captureMetrics(metrics), log })];
});
