import { quiet } from '@scoreline/landing/testing';
import { createMetrics, loadConfig, type Metrics } from '@scoreline/service';
import { z } from 'zod';

import { BigQuerySink } from '../big-query-sink.ts';
import { settings } from '../config.ts';
import { metrics } from '../metrics.ts';

export const SIGNAL: globalThis.AbortSignal = new AbortController().signal;
export const FIRST = { number: 1, replay: false };
export const AGAIN = { number: 2, replay: false };
export const REPLAY = { number: 1, replay: true };

export interface TestSink {
  readonly sink: BigQuerySink;
  readonly metrics: Metrics;
}

/** The sink alone, without Kafka: each is a process of its own, as far as the sink can tell. */
export function testSink(env: Readonly<Record<string, string | undefined>>): TestSink {
  const config = loadConfig(z.object(settings.shape), {
    kafka_brokers: 'none:1',
    schema_registry_url: 'http://none',
    ...env,
  });
  const registry = createMetrics();
  const sink = new BigQuerySink(config, { log: quiet, metrics: metrics(registry) });
  return { sink, metrics: registry };
}
