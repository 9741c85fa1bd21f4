import { secretsOf } from './config.ts';
import { HttpServer } from './http.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Part } from './part.ts';
import type { ServiceConfig } from './service-settings.ts';

export interface RunOptions {
  /** The service's name, such as `capture`. */
  readonly name: string;
  readonly version?: string;
  readonly config: ServiceConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly parts: readonly Part[];
  /** Where SIGTERM and SIGINT come from. */
  readonly signals?: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Runs a service until it is told to stop or cannot go on. Resolves with the code to exit with. */
export async function run(options: RunOptions): Promise<number> {
  const { name, version = '', config, log, metrics, parts, signals = process } = options;
  const secrets = secretsOf(config);
  const startedAt = Date.now();
  const http = new HttpServer(config, {
    log,
    metrics,
    scrub: (text) => secrets.scrub(text),
    health: {
      notReady: () => lifecycle.notReady(),
      status: () => ({
        service: name,
        version,
        state: lifecycle.state,
        uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
        notReady: lifecycle.notReady(),
        // A part without a status() is left out by JSON.
        parts: Object.fromEntries(parts.map((part) => [part.name, statusOf(part)])),
      }),
    },
  });
  const lifecycle = new Lifecycle([http, ...parts], { log, graceMs: config.shutdown_grace });
  serviceMetrics(metrics, () => lifecycle.notReady().length === 0).info.set(
    { service: name, version },
    1,
  );

  const listeners = STOP_SIGNALS.map((signal) => ({
    signal,
    listen: () => lifecycle.requestStop(signal),
  }));
  for (const { signal, listen } of listeners) signals.on(signal, listen);
  try {
    log.info({ version, pid: process.pid, node: process.version }, 'starting');
    return await lifecycle.run();
  } finally {
    for (const { signal, listen } of listeners) signals.off(signal, listen);
  }
}

/** What every service measures about itself, beside the process's own metrics. */
export function serviceMetrics(metrics: Metrics, isReady: () => boolean = () => false) {
  return {
    info: metrics.gauge(
      'scoreline_service_info',
      'Always 1; its labels name the service and its version.',
      ['service', 'version'],
    ),
    ready: metrics.gauge(
      'scoreline_service_ready',
      '1 while /readyz answers 200.',
      [],
      function collect() {
        this.set(isReady() ? 1 : 0);
      },
    ),
  };
}

function statusOf(part: Part): unknown {
  try {
    return part.status?.();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
