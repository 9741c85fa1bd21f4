import { createTable, load } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { beginCapture, type CaptureRun } from '../capture/capture-service.ts';
import { fillTopic } from './fill-topic.ts';
import type { LandingSource } from './landing-contender.ts';
import type { LandingPlan } from './landing-plan.ts';

/** Topics as capture writes them. Works that land as much, in as many partitions, share one: the same records. */
export class LandingSources {
  readonly #bench: Bench;
  readonly #made = new Map<string, LandingSource>();

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async get({
    rows,
    partitions,
  }: Pick<LandingPlan, 'rows' | 'partitions'>): Promise<LandingSource> {
    const name = `landing_${rows}_${partitions}`;
    const made = this.#made.get(name) ?? (await this.#make(name, rows, partitions));
    this.#made.set(name, made);
    return made;
  }

  async #make(name: string, rows: number, partitions: number): Promise<LandingSource> {
    const { sql, say, signal } = this.#bench;
    const run: CaptureRun = { database: `bench_${name}`, prefix: `${name}-`, partitions };
    say(`landing: loading ${rows.toLocaleString('en-US')} rows`);
    await createTable(sql, run.database);
    await beginCapture(this.#bench, run);
    const identity = await load(sql, { shape: 'bulk', rows, signal });
    return fillTopic(this.#bench, { database: run.database, identity }, run);
  }
}
