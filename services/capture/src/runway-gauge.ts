import type { Metrics } from '@scoreline/service';

/**
 * The runway as a metric. It is measured by a session with the source, and there may be none for hours,
 * since Kafka is down: meanwhile it shrinks by itself, as the runway does at worst.
 */
export class RunwayGauge {
  readonly #nowMs: () => number;
  #seconds = Number.NaN;
  #measuredAtMs = 0;

  constructor(metrics: Metrics, nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    const value = (): number => this.seconds;
    metrics.gauge(
      'scoreline_capture_binlog_runway_seconds',
      'After how long, at the earliest, the binlog file of the checkpoint can be purged; +Inf when binlogs are kept for ever, NaN while that is not known.',
      [],
      function collect() {
        this.set(value());
      },
    );
  }

  /** NaN when it is not known: 0 would be an alarm. */
  get seconds(): number {
    return Math.max(0, this.#seconds - (this.#nowMs() - this.#measuredAtMs) / 1000);
  }

  measured(seconds: number | null): void {
    this.#seconds = seconds ?? Number.NaN;
    this.#measuredAtMs = this.#nowMs();
  }
}
