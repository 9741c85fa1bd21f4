import { setTimeout as delay } from 'node:timers/promises';

import { type ReconcileRequest, RequestTail } from '@scoreline/ledger';
import { type Logger, PermanentError, unlessAborted } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

export interface RequestWatchOptions {
  readonly kafka: Kafka;
  readonly ledgerTopic: string;
  /** Up to which the ledger was read when the session began, and the last request that it held then. */
  readonly readTo: number;
  readonly last: ReconcileRequest | null;
  readonly log: Logger;
}

/** Between two looks at the ledger's end: two small requests to the brokers. */
const LOOK_MS = 5_000;
/** Of longer ago was seen to by whoever captured then, or matters to nobody any more. */
const FORGOTTEN_MS = 3_600_000;

/**
 * Requests of other services to look for ids in the table. They come into the ledger while capture writes
 * it, so its end is looked at now and then, on a connection of its own.
 */
export class RequestWatch {
  readonly #options: RequestWatchOptions;
  readonly #tail: RequestTail;
  #asked: ReconcileRequest | null;
  #admin: Admin | null = null;

  constructor(options: RequestWatchOptions, nowMs = Date.now()) {
    const { ledgerTopic, readTo, last } = options;
    this.#options = options;
    this.#tail = new RequestTail(ledgerTopic, readTo);
    // That it was followed is written nowhere: ids that are captured are passed over.
    this.#asked = last !== null && nowMs - last.atMs < FORGOTTEN_MS ? last : null;
  }

  /** The newest one that was not taken yet. */
  take(): ReconcileRequest | null {
    const asked = this.#asked;
    this.#asked = null;
    return asked;
  }

  /**
   * Until the signal. Brokers that do not answer are asked again: what the session needs of them, it finds
   * out by itself.
   *
   * @throws PermanentError `ledger-unknown`, or the signal's reason.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await delay(LOOK_MS, undefined, { signal });
        // A broker that says nothing does not hold up whoever stops.
        await unlessAborted(this.#look(signal), signal);
      }
    } finally {
      const closing = this.#close();
      if (!signal.aborted) await closing;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { kafka, log } = this.#options;
    try {
      if (this.#admin === null) {
        const admin = kafka.admin({ retry: { retries: 0 } });
        await admin.connect();
        this.#admin = admin;
      }
      this.#asked = (await this.#tail.read(this.#admin)) ?? this.#asked;
    } catch (error) {
      if (error instanceof PermanentError) throw error;
      log.debug({ err: error }, 'the ledger could not be looked at for requests');
      // What failed may be a connection that carries nothing any more (K24).
      await this.#close();
    }
    // Connected behind the end of the run.
    if (signal.aborted) await this.#close();
  }

  async #close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    await admin?.disconnect().catch(() => {});
  }
}
