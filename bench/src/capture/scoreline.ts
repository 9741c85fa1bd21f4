import type { Backlog } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { avroId } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import type { Contender } from '../rounds.ts';
import { measureCapture } from './capture-contender.ts';
import { beginCapture, type CaptureRun, startCapture, topicOf } from './capture-service.ts';

export interface ScorelineCaptureOptions {
  readonly database: string;
  readonly backlog: () => Backlog;
  /** Where the rows wait: for the stream, or for reconcile. */
  readonly from: 'binlog' | 'table';
  /** Beside the one that warms up. */
  readonly rounds: number;
}

/** services/capture, each round with topics of its own. */
export class ScorelineCapture implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #options: ScorelineCaptureOptions;

  constructor(bench: Bench, options: ScorelineCaptureOptions) {
    this.#bench = bench;
    this.#options = options;
  }

  /** Each round's capture begins before the backlog: the measured start goes on from its checkpoint. */
  async prepare(): Promise<null> {
    const { from, rounds } = this.#options;
    if (from === 'table') return null;
    this.#bench.say('scoreline begins before the backlog, once for each round');
    for (let round = 0; round <= rounds; round++) {
      await beginCapture(this.#bench, this.#run(round));
    }
    return null;
  }

  async measure(round: number): Promise<Measured> {
    const { from, backlog } = this.#options;
    const run = this.#run(round);
    const process = await startCapture(this.#bench, run, {
      log: 'drain',
      ...(from === 'table' ? { initial: 'all', reconcile_rate: '0' } : { initial: 'now' }),
    });
    return measureCapture(this.#bench, backlog(), { topic: topicOf(run), process, id: avroId });
  }

  #run(round: number): CaptureRun {
    const { database } = this.#options;
    return { database, prefix: `${database}-${round}-` };
  }
}
