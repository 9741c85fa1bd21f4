import type { TestContext } from 'node:test';

import type { Catalog } from '@scoreline/schema';
import { createMetrics, type Part } from '@scoreline/service';

import { runSink } from '../run-sink.ts';
import type { LandingConfig } from '../settings.ts';
import type { Sink } from '../sink.ts';
import { quiet } from './pipeline.ts';

/** A sink that runs within the test's process. */
export interface RunningSink {
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly landing: Part;
  readonly parts: readonly Part[];
  /** Rejects when the sink fails. */
  readonly done: Promise<void>;
  /** As SIGTERM. */
  stop(): Promise<void>;
  /** As running out of time: nothing in flight is finished. */
  force(): Promise<void>;
}

export async function startSink(
  t: TestContext,
  sink: Sink,
  config: LandingConfig,
  catalog?: Catalog,
): Promise<RunningSink> {
  const metrics = createMetrics();
  const parts = runSink(sink, { config, log: quiet, metrics, ...(catalog && { catalog }) });
  const landing = parts.findLast(({ name }) => name !== 'audit')!;
  let stopped = false;
  const stop = async (signal: AbortSignal) => {
    if (stopped) return;
    stopped = true;
    for (const part of parts.toReversed()) await part.stop(signal);
  };
  t.after(() => stop(AbortSignal.abort()));
  for (const part of parts) await part.start(new AbortController().signal);
  const done = landing.done ?? Promise.reject(new Error('landing has not started'));
  done.catch(() => {});
  return {
    metrics,
    landing,
    parts,
    done,
    stop: () => stop(new AbortController().signal),
    force: () => stop(AbortSignal.abort()),
  };
}
