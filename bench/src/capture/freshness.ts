import { tableIdentity } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { assertIdentical, avroId } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import { readUsage } from '../proc.ts';
import type { Contender } from '../rounds.ts';
import { percentile } from '../summary.ts';
import { readIdentity } from '../topics.ts';
import { type CaptureRun, startCapture, topicOf } from './capture-service.ts';
import { startFreshRows } from './fresh-rows.ts';

/** services/capture while it reads an old table as fast as it can: how long new rows take meanwhile. */
export class ScorelineFreshness implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #database: string;

  constructor(bench: Bench, { database }: { readonly database: string }) {
    this.#bench = bench;
    this.#database = database;
  }

  prepare(): Promise<null> {
    return Promise.resolve(null);
  }

  async measure(round: number): Promise<Measured> {
    const run: CaptureRun = { database: this.#database, prefix: `${this.#database}-${round}-` };
    const topic = topicOf(run);
    const { signal } = this.#bench;
    const settings = { log: 'read', initial: 'all', reconcile_rate: '0' };
    const capture = await startCapture(this.#bench, run, settings);
    try {
      await capture.said('reconciling: reading the table', signal);
      const begun = { atMs: performance.now(), ...readUsage(capture.pid) };
      const fresh = await startFreshRows(this.#bench, { database: this.#database, topic });
      const log = await capture.said('reconciled: the topic has every row', signal);
      const { cpuSeconds, peakRssMb } = readUsage(capture.pid);
      const seconds = (performance.now() - begun.atMs) / 1000;
      const ages = await fresh.stop();
      await capture.stop();
      // Every round adds its new rows.
      const identity = await tableIdentity(this.#bench.sql);
      const seen = await readIdentity(this.#bench, { topic, rows: identity.count, id: avroId });
      assertIdentical(`topic ${topic}`, seen, identity);
      this.#bench.say(
        `  ${ages.length} new rows: ${[0.5, 0.99, 1].map((share) => `${percentile(ages, share).toFixed(0)} ms`).join(', ')} (p50, p99, highest)`,
      );
      return {
        rows: Number(/"published":(\d+),"msg":"reconciled: /.exec(log)?.[1]),
        seconds,
        cpuSeconds: cpuSeconds - begun.cpuSeconds,
        rssMb: peakRssMb,
        freshP99Ms: percentile(ages, 0.99),
      };
    } finally {
      await capture.stop();
    }
  }
}
