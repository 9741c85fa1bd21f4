import type { TestContext } from 'node:test';

import { quiet } from '@scoreline/landing/testing';
import { type Catalog, RELEASED } from '@scoreline/schema';
import { loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { ClickHouseSink } from '../click-house-sink.ts';
import { settings } from '../config.ts';

/** The sink alone, without Kafka. */
export function testSink(
  t: TestContext,
  env: Readonly<Record<string, string | undefined>>,
  catalog: Catalog = RELEASED,
): ClickHouseSink {
  const config = loadConfig(z.object(settings.shape), {
    kafka_brokers: 'none:1',
    schema_registry_url: 'http://none',
    ...env,
  });
  const sink = new ClickHouseSink(config, quiet, catalog);
  t.after(() => sink.stop());
  return sink;
}

export const SIGNAL: globalThis.AbortSignal = new AbortController().signal;
export const FIRST = { number: 1, replay: false };
export const AGAIN = { number: 2, replay: false };
export const REPLAY = { number: 1, replay: true };
