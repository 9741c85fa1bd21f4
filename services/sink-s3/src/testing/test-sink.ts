import { objectMetrics } from '@scoreline/files';
import { quiet } from '@scoreline/landing/testing';
import { createMetrics, loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { settings } from '../config.ts';
import { s3Sink } from '../s3-sink.ts';

/** The sink alone, without Kafka. */
export function testSink(env: Readonly<Record<string, string>>) {
  const config = loadConfig(z.object(settings.shape), {
    kafka_brokers: 'none:1',
    schema_registry_url: 'http://none',
    ...env,
  });
  return s3Sink(config, { log: quiet, metrics: objectMetrics(createMetrics()) });
}
