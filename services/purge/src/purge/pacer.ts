import { RetryableError } from '@scoreline/service';

import type { Allowance } from '../pace/allowance.ts';
import { type Load, type LoadLimits, paceFor, type ThrottleReason } from '../pace/throttle.ts';
import type { Clock } from './ports.ts';

export type HoldCode = ThrottleReason | 'cleanup-interval';

export interface Hold {
  readonly code: HoldCode;
  readonly message: string;
}

export interface PacerOptions {
  /** What the source and its surroundings bear now; the switches are looked at each time. */
  readonly load: (signal: AbortSignal) => Promise<Omit<Load, 'paused' | 'inWindow'>>;
  readonly switches: () => Pick<Load, 'paused' | 'inWindow'>;
  readonly limits: LoadLimits;
  readonly allowance: Allowance | null;
  readonly coolDownMs: number;
  /** After so long it is for the caller to say; a service has all the time, which is Infinity. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** Told of every change, and of how long each wait was. */
  readonly onHold: (hold: Hold | null, waitedMs: number) => void;
}

const LOOK_MS = 500;
/** Chunks may be shorter than that: a source is not asked before each of them. */
const LOAD_AGE_MS = 500;

/** Holds the next chunk back for as long as the source, its replicas, capture or an operator want it. */
export class Pacer {
  readonly #options: PacerOptions;
  #load: { readonly atMs: number; readonly load: Omit<Load, 'paused' | 'inWindow'> } | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when so many rows may be deleted, with how long that took.
   *
   * @throws RetryableError with the code of the throttle when patience is over.
   */
  async ready(rows: number, signal: AbortSignal): Promise<number> {
    const { clock, onHold } = this.#options;
    const sinceMs = clock.now();
    let waitedMs = 0;
    let heldFromMs: number | null = null;
    for (;;) {
      const hold = await this.#hold(rows, signal);
      if (hold === null) {
        onHold(null, 0);
        return waitedMs;
      }
      if (clock.now() - sinceMs >= this.#patienceMs(hold)) throw heldBack(hold);
      onHold(hold, 0);
      heldFromMs ??= clock.now();
      await clock.sleep(hold.lookInMs, signal);
      // Asking again takes its time as well: seconds, of a replica that does not answer.
      const nowMs = clock.now();
      const heldMs = Math.max(0, nowMs - heldFromMs);
      heldFromMs = nowMs;
      onHold(hold, heldMs);
      waitedMs += heldMs;
    }
  }

  /** What an operator has said is not waited for to change, where there is somebody who waits for us. */
  #patienceMs({ code }: Hold): number {
    const { patienceMs } = this.#options;
    if (code === 'cleanup-interval' || patienceMs === Number.POSITIVE_INFINITY) {
      return Number.POSITIVE_INFINITY;
    }
    return code === 'paused' || code === 'outside-window' ? 0 : patienceMs;
  }

  async #hold(
    rows: number,
    signal: AbortSignal,
  ): Promise<(Hold & { readonly lookInMs: number }) | null> {
    const { limits, switches, coolDownMs, allowance, clock } = this.#options;
    const pace = paceFor({ ...(await this.#loadNow(signal)), ...switches() }, limits);
    if (pace.kind !== 'go') {
      const { reason: code, message } = pace;
      return { code, message, lookInMs: pace.kind === 'cool down' ? coolDownMs : LOOK_MS };
    }
    const leftMs = allowance?.waitMs(rows, clock.now()) ?? 0;
    if (leftMs === 0) return null;
    return {
      code: 'cleanup-interval',
      message: 'cleanup_default_batch_size rows were deleted in this cleanup_default_interval',
      // In steps, so that a pause is told as one.
      lookInMs: Math.min(leftMs, LOOK_MS),
    };
  }

  async #loadNow(signal: AbortSignal): Promise<Omit<Load, 'paused' | 'inWindow'>> {
    const { clock, load } = this.#options;
    const ageMs = clock.now() - (this.#load?.atMs ?? Number.NEGATIVE_INFINITY);
    if (this.#load !== undefined && ageMs >= 0 && ageMs < LOAD_AGE_MS) return this.#load.load;
    const atMs = clock.now();
    this.#load = { atMs, load: await load(signal) };
    return this.#load.load;
  }
}

function heldBack({ code, message }: Hold): RetryableError {
  return new RetryableError(message, { code });
}
