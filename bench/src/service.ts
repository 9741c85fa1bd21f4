import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Bench } from './bench.ts';
import { MeasuredProcess } from './process.ts';

export interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** Starts one of our services from its built main; `BENCH_NODE_OPTIONS` goes to it, for a profiler. */
export function startService(
  { signal }: Bench,
  name: 'capture' | 'sink-clickhouse',
  { env, logFile }: ServiceOptions,
): Promise<MeasuredProcess> {
  signal.throwIfAborted();
  const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((one) => one !== '');
  return MeasuredProcess.start({
    name,
    command: process.execPath,
    args: [
      ...options,
      fileURLToPath(new URL(`../../services/${name}/dist/main.js`, import.meta.url)),
    ],
    env: { http_host: '127.0.0.1', http_port: '0', secrets_path: dirname(logFile), ...env },
    logFile,
  });
}
