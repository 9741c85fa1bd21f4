import { type Logger, retry } from '@scoreline/service';

import type { LandingMetrics } from './metrics.ts';
import type { Range } from './range.ts';
import type { Sink, WriteAttempt } from './sink.ts';

/**
 * Gives ranges to the sink, the same one again until it is durable or the error says to stop. How
 * often is nobody's business but the destination's: while it is away, rows wait in Kafka.
 */
export class RangeWriter {
  readonly #failing = new Map<string, { readonly since: number; readonly error: unknown }>();
  readonly #sink: Sink;
  readonly #log: Logger;
  readonly #metrics: LandingMetrics;

  constructor(sink: Sink, { log, metrics }: { log: Logger; metrics: LandingMetrics }) {
    this.#sink = sink;
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Why the destination does not take what it is given, null when it does. */
  trouble(): string | null {
    const [oldest] = this.#failing.values();
    if (oldest === undefined) return null;
    const { since, error } = oldest;
    const seconds = Math.round((performance.now() - since) / 1000);
    return `${this.#sink.name} has not taken a range for ${seconds} s: ${error instanceof Error ? error.message : String(error)}`;
  }

  async write(
    range: Range,
    known: Omit<WriteAttempt, 'number'>,
    signal: AbortSignal,
  ): Promise<void> {
    const labels = { sink: this.#sink.name };
    const since = performance.now();
    const stopTimer = this.#metrics.writeSeconds.startTimer(labels);
    try {
      await retry((number) => this.#sink.write(range, { number, ...known }, signal), {
        signal,
        log: this.#log.child({ range: range.identity, rows: range.rows }),
        what: `writing to ${this.#sink.name}`,
        maxDelayMs: 15_000,
        onFailure: (error) => {
          this.#metrics.writeFailures.inc(labels);
          this.#failing.set(range.identity, { since, error });
        },
      });
      stopTimer();
    } finally {
      this.#failing.delete(range.identity);
    }
  }
}
