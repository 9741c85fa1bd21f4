import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import type { MeasuredProcess } from '../process.ts';
import { startService, untilReady } from '../service.ts';

export interface CaptureRun {
  readonly database: string;
  /** Of the names of its topics: each has a ledger of its own. */
  readonly prefix: string;
  /** Of its topic; capture's default when unset. */
  readonly partitions?: number;
}

/** services/capture as an operator would start it. */
export function startCapture(
  bench: Bench,
  { database, prefix, partitions }: CaptureRun,
  { log, ...more }: { readonly log: string } & Readonly<Record<string, string>>,
): Promise<MeasuredProcess> {
  const { env, dir } = bench;
  return startService(bench, 'capture', {
    logFile: join(dir, 'capture', `${prefix}${log}.log`),
    env: {
      DATABASE_DSN: (env['DATABASE_DSN'] ?? '').replace(/\/[^/]*$/, `/${database}`),
      KAFKA_BROKERS: env['KAFKA_BROKERS'] ?? '',
      SCHEMA_REGISTRY_URL: env['SCHEMA_REGISTRY_URL'] ?? '',
      topic_replication: '1',
      topic_prefix: prefix,
      ...(partitions === undefined ? {} : { topic_partitions: String(partitions) }),
      ...more,
    },
  });
}

/**
 * Lets capture begin at the present end of the binlog, and stops it: what is written from now on waits
 * for its next start, as after an outage.
 */
export async function beginCapture(bench: Bench, run: CaptureRun): Promise<void> {
  const capture = await startCapture(bench, run, { log: 'begin', initial: 'now' });
  try {
    await untilReady(bench, capture);
  } finally {
    await capture.stop();
  }
}

/** The topic that it writes. */
export function topicOf({ prefix }: CaptureRun): string {
  return `${prefix}log_scores-v1`;
}
