import { setTimeout as delay } from 'node:timers/promises';

import type { Stack } from '../stack.ts';
import { TOPIC } from './names.ts';
import type { Pipeline } from './pipeline.ts';
import type { Screen } from './screen.ts';
import type { Frame } from './view.ts';

const FRAME_MS = 1_000;
const LOOK_MS = 50;
/** Where only speed counts, the looks must not take it. */
const SELDOM_MS = 250;

export interface Watch {
  readonly pipeline: Pipeline;
  readonly stack: Stack;
  readonly screen: Screen;
  readonly source: string;
  /** Whether the traffic goes as fast as it can. */
  readonly isRace: boolean;
}

/**
 * Looks at everything once a second, shows it, and starts services again that have died, until the
 * signal. Rejects when a server dies, or a service each time it is started.
 */
export async function watch(
  { pipeline, stack, screen, source }: Omit<Watch, 'isRace'>,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  let [before, at] = [0, started];
  const links = linksOf(pipeline);
  while (!signal.aborted) {
    const frame = await look();
    screen.show(frame);
    const [failure] = signal.aborted ? [] : await stack.failures();
    if (failure !== undefined) throw new Error(failure);
    for (const service of pipeline.services) {
      const death = signal.aborted ? null : await service.revive();
      if (death !== null) screen.say(death);
    }
    await pause(Math.max(0, FRAME_MS - (performance.now() - at)), signal);
  }

  async function look(): Promise<Frame> {
    const { gauges, traffic, freshness, services } = pipeline;
    const [topic, landed, ...healths] = await Promise.all([
      gauges.topic(),
      gauges.landed(),
      ...services.map((service) => service.health()),
    ]);
    const { committed = 0, undone = 0 } = traffic.latest?.stats ?? {};
    const now = performance.now();
    const rowsPerSecond = ((committed - before) * 1000) / Math.max(1, now - at);
    [before, at] = [committed, now];
    return {
      seconds: Math.round((now - started) / 1000),
      source,
      destinations: pipeline.sinks.map(({ destination }) => destination),
      rowsPerSecond,
      committed,
      undone,
      topicEnd: topic?.end ?? null,
      landed,
      lags: topic?.lags ?? {},
      p50Ms: freshness.quantile(0.5),
      p99Ms: freshness.quantile(0.99),
      processes: [
        { name: 'traffic', health: traffic.health, restarts: 0 },
        ...services.map(({ name, restarts }, index) => {
          return { name, restarts, health: healths[index] ?? 'unknown' };
        }),
      ],
      links,
    };
  }
}

/** Keeps asking for the rows whose commit is known, until the signal. */
export async function measureFreshness(
  { pipeline, isRace }: Pick<Watch, 'pipeline' | 'isRace'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pipeline.freshness.check();
    await pause(isRace ? SELDOM_MS : LOOK_MS, signal);
  }
}

/** A wait that a stop ends. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

export function linksOf({ services, sinks, place }: Pipeline): string[] {
  const lines = services.map(({ name, url }) => `${name.padEnd(17)}${url}/status   ${url}/metrics`);
  return [
    ...lines,
    ...sinks.map(({ destination, look }) => `${destination.padEnd(17)}${look(place)}`),
    `${'lag'.padEnd(17)}npm run kafka -- kafka-consumer-groups --describe --all-groups`,
    `${'records'.padEnd(17)}npm run topic -- tail ${TOPIC}`,
    ...services.map(({ name, logFile }) => `${`${name} log`.padEnd(21)}${logFile}`),
  ];
}
