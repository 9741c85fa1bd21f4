import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Bench } from '../bench.ts';
import { assertIdentical } from '../identity.ts';
import type { LandingWork, Measured } from '../measurement.ts';
import { readCpuSeconds, readUsage } from '../proc.ts';
import type { MeasuredProcess } from '../process.ts';
import type { Contender } from '../rounds.ts';
import { startService } from '../service.ts';
import { groupLag, isStable } from './group.ts';
import type { LandingSource } from './landing-contender.ts';
import type { LandingPlan } from './landing-plan.ts';
import { mayAskAfterMs, TIMEOUT_MS } from './pace.ts';
import type { Place } from './place.ts';

export interface ScorelineSinkOptions {
  readonly work: LandingWork;
  readonly plan: LandingPlan;
  readonly place: Place;
  readonly source: () => LandingSource;
}

/**
 * A sink of ours as an operator would start it: from the moment it has its partitions until it has
 * committed their ends, when all rows are durable.
 */
export class ScorelineSink implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #options: ScorelineSinkOptions;

  constructor(bench: Bench, options: ScorelineSinkOptions) {
    this.#bench = bench;
    this.#options = options;
  }

  async prepare(): Promise<string | null> {
    return this.#options.place.missing();
  }

  async measure(round: number): Promise<Measured> {
    const { admin, dir } = this.#bench;
    const { work, plan, place } = this.#options;
    const { topic, prefix, identity } = this.#options.source();
    const groupId = `sink-${plan.sink}.${topic}`;
    const spool = join(dir, 'spool');
    await mkdir(spool, { recursive: true });
    const landing = await place.open(round);
    try {
      const process = await startService(this.#bench, `sink-${plan.sink}`, {
        logFile: join(dir, work, `round-${round}.log`),
        env: { ...this.#env(prefix, spool), ...plan.settings, ...landing.env },
      });
      try {
        const measured = await this.#drain(process, { groupId, topic });
        assertIdentical(`${work} round ${round}`, await landing.identity(), identity);
        return { rows: identity.count, ...measured };
      } finally {
        await process.stop();
        await admin.deleteGroups([groupId]).catch(() => {});
      }
    } finally {
      await landing.close();
    }
  }

  #env(topic_prefix: string, spool_dir: string): Record<string, string> {
    const { env } = this.#bench;
    return {
      KAFKA_BROKERS: env['KAFKA_BROKERS'] ?? '',
      SCHEMA_REGISTRY_URL: env['SCHEMA_REGISTRY_URL'] ?? '',
      topic_prefix,
      spool_dir,
    };
  }

  async #drain(
    process: MeasuredProcess,
    { groupId, topic }: { groupId: string; topic: string },
  ): Promise<Omit<Measured, 'rows'>> {
    const ends = await this.#bench.admin.fetchTopicOffsets(topic);
    const begun = performance.now();
    const wait = async (what: string): Promise<void> => {
      this.#bench.signal.throwIfAborted();
      if (!process.running) throw await process.failure('ended before its work was done');
      const passedMs = performance.now() - begun;
      if (passedMs > TIMEOUT_MS)
        throw await process.failure(`${what} after ${TIMEOUT_MS / 1000} s`);
      await delay(mayAskAfterMs(passedMs));
    };
    while (!(await isStable(this.#bench, groupId))) await wait('has no partitions');
    const startedAt = performance.now();
    const cpuBefore = readCpuSeconds(process.pid);
    for (;;) {
      const lag = await groupLag(this.#bench, { groupId, topic, ends });
      if (lag === 0) break;
      await wait(`has ${lag} records to commit`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const { cpuSeconds, peakRssMb } = readUsage(process.pid);
    return { seconds, cpuSeconds: cpuSeconds - cpuBefore, rssMb: peakRssMb };
  }
}
