import path from 'node:path';
import type { TestContext } from 'node:test';

import { quiet, TEST_LIMITS } from '@scoreline/landing/testing';
import { createMetrics } from '@scoreline/service';

import { objectMetrics } from '../metrics.ts';
import { ObjectSink, type ObjectSinkOptions } from '../object-sink.ts';
import { MemoryStore } from './memory-store.ts';
import { tempFolder } from './temp-folder.ts';

export const FIRST = { number: 1, replay: false };
export const REPLAY = { number: 1, replay: true };

/** A sink that has started, without Kafka. */
export async function testObjectSink<S extends ObjectSinkOptions['store'] = MemoryStore>(
  t: TestContext,
  { store, ...more }: Partial<ObjectSinkOptions> & { store: S },
) {
  const workFolder = path.join(await tempFolder(t), 'work');
  const metrics = createMetrics();
  const sink = new ObjectSink({
    name: 'memory',
    topics: ['log_scores-v1'],
    limits: TEST_LIMITS,
    store,
    codec: 'deflate',
    blockRows: 1000,
    workFolder,
    log: quiet,
    metrics: objectMetrics(metrics),
    ...more,
  });
  const destination = await sink.start(new AbortController().signal);
  t.after(() => sink.stop());
  return { sink, store, workFolder: more.workFolder ?? workFolder, destination, metrics };
}
