import type { BatchQueue } from './batch-queue.ts';
import { eventName } from './event-codes.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { Reading } from './reading.ts';

const EVERY_MS = 1000;
/** A stream that was silent for so long has nothing more to send now. */
const QUIET_MS = 1000;

/** MariaDB tells times in whole seconds: a stream that is as far as the server seems this far behind. */
const COARSE_SECONDS = 1.5;

export interface MeterClock {
  /** Since the epoch, as commit times are. */
  nowMs(): number;
  /** performance.now's, which the stream tells when it was heard by. */
  elapsedMs(): number;
}

const systemClock: MeterClock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
};

interface MeterParts {
  readonly reading: {
    readonly stream: Pick<Reading['stream'], 'events' | 'bytes' | 'heardAt' | 'paused'>;
    readonly reader: Pick<Reading['reader'], 'eventTimeMs' | 'rowsRead' | 'groupsRead'>;
  };
  readonly queue: Pick<BatchQueue, 'bytes' | 'oldestTimeMs'>;
  readonly clock?: MeterClock;
}

/** Brings what a session counts by itself, since it counts millions, to the metrics once a second. */
export class Meter {
  readonly #metrics: CaptureMetrics;
  readonly #reading: MeterParts['reading'];
  readonly #queue: MeterParts['queue'];
  readonly #clock: MeterClock;
  readonly #timer: NodeJS.Timeout;
  readonly #events = new Float64Array(256);
  #bytes = 0;
  #rows = 0;
  #groups = 0;

  constructor(metrics: CaptureMetrics, { reading, queue, clock = systemClock }: MeterParts) {
    this.#metrics = metrics;
    this.#reading = reading;
    this.#queue = queue;
    this.#clock = clock;
    this.#timer = setInterval(() => this.#measure(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#measure();
    this.#metrics.queueBytes.set(0);
  }

  /** How old the oldest row is that could be in the topic and is not. */
  lagSeconds(): number {
    const { reader, stream } = this.#reading;
    const oldestMs = this.#queue.oldestTimeMs;
    if (oldestMs !== null) return this.#since(oldestMs);
    const isQuiet = this.#clock.elapsedMs() - stream.heardAt > QUIET_MS && !stream.paused;
    if (isQuiet || reader.eventTimeMs === 0) return 0;
    const seconds = this.#since(reader.eventTimeMs);
    return seconds < COARSE_SECONDS ? 0 : seconds;
  }

  #measure(): void {
    const { stream, reader } = this.#reading;
    const metrics = this.#metrics;
    stream.events.forEach((count, code) => {
      const more = count - this.#events[code]!;
      if (more > 0) metrics.events.inc({ type: eventName(code) }, more);
      this.#events[code] = count;
    });
    metrics.bytesRead.inc(stream.bytes - this.#bytes);
    metrics.rowsRead.inc(reader.rowsRead - this.#rows);
    metrics.groups.inc(reader.groupsRead - this.#groups);
    this.#bytes = stream.bytes;
    this.#rows = reader.rowsRead;
    this.#groups = reader.groupsRead;
    metrics.queueBytes.set(this.#queue.bytes);
    metrics.lagSeconds.set(this.lagSeconds());
  }

  #since(ms: number): number {
    return Math.max(0, (this.#clock.nowMs() - ms) / 1000);
  }
}
