import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Catalog, nextVersion, VERSION_1 } from '@scoreline/schema';
import { createMetrics, loadConfig } from '@scoreline/service';
import { z } from 'zod';

import { runSink } from './run-sink.ts';
import { landingSettings } from './settings.ts';
import { MemorySink, quiet } from './testing/index.ts';

const CATALOG: Catalog = [
  VERSION_1,
  nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]),
];

test('before a version takes its share of the memory all backfills have been looked for', () => {
  const config = loadConfig(z.object(landingSettings), {
    kafka_brokers: 'localhost:9092',
    schema_registry_url: 'http://localhost:8081',
  });
  const context = { config, log: quiet, metrics: createMetrics(), catalog: CATALOG };
  assert.deepEqual(
    runSink(new MemorySink(), context).map(({ name }) => name),
    ['destination', 'backfill-v1', 'backfill-v2', 'landing-v1', 'landing-v2'],
  );
});
