import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Bench } from './bench.ts';
import { MeasuredProcess } from './process.ts';

/** What a sink of ours is called after its destination. */
export type SinkName = 'clickhouse' | 'file' | 'gcs' | 's3' | 'bigquery';

export interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Such as `--once`: an action in place of the service. */
  readonly args?: readonly string[];
}

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Starts one of our services from its built main; `BENCH_NODE_OPTIONS` goes to it, for a profiler. */
export function startService(
  { signal }: Bench,
  name: 'capture' | 'purge' | `sink-${SinkName}`,
  { env, logFile, args = [] }: ServiceOptions,
): Promise<MeasuredProcess> {
  signal.throwIfAborted();
  return MeasuredProcess.start({
    name,
    command: process.execPath,
    args: [
      ...nodeOptions(),
      fileURLToPath(new URL(`../../services/${name}/dist/main.js`, import.meta.url)),
      ...args,
    ],
    env: { http_host: '127.0.0.1', http_port: '0', secrets_path: dirname(logFile), ...env },
    logFile,
  });
}

/** Waits until a service of ours says that it is ready. */
export async function untilReady({ signal }: Bench, service: MeasuredProcess): Promise<void> {
  const giveUpAt = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    signal.throwIfAborted();
    if (!service.running) throw await service.failure('ended before it was ready');
    const url = listensAt(await service.output());
    if (url !== null && (await isReady(url))) return;
    if (performance.now() > giveUpAt) throw await service.failure('does not become ready');
    await delay(POLL_MS);
  }
}

/** What `BENCH_NODE_OPTIONS` says. */
export function nodeOptions(): string[] {
  return (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((one) => one !== '');
}

/** Where a service listens, by its log. */
export function listensAt(log: string): string | null {
  return /^\{.*"url":"(http:[^"]+)".*"msg":"http listening"/m.exec(log)?.[1] ?? null;
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}
