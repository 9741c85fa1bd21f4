#!/usr/bin/env node
import { logSource, SourceHolder } from '@scoreline/database';
import { createKafka } from '@scoreline/kafka';
import { main } from '@scoreline/service';

import { actions } from './actions.ts';
import { Capture } from './capture.ts';
import { settings } from './config.ts';
import { captureMetrics } from './metrics.ts';

await main(
  'capture',
  settings,
  ({ config, log, metrics: registry, secretFiles }) => {
    const metrics = captureMetrics(registry);
    const sources = SourceHolder.load(config, { log, metrics, secretFiles });
    logSource(sources.current, log);
    const kafka = createKafka(config, { clientId: 'scoreline-capture', log });
    // The source of the start is checked before another one may take its place.
    return [new Capture({ config, sources, kafka, metrics, log }), sources];
  },
  actions,
);
