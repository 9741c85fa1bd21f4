import type { Clock, RequestsPort } from './ports.ts';
import type { IdTally } from './tally.ts';

const AGAIN_MS = 60 * 60_000;

/** Asks capture for rows that it has missed; for the same ones once an hour. */
export class ReconcileAsker {
  readonly #requests: RequestsPort;
  readonly #clock: Clock;
  #asked: { readonly from: number; readonly to: number; readonly atMs: number } | null = null;

  constructor(requests: RequestsPort, clock: Clock) {
    this.#requests = requests;
    this.#clock = clock;
  }

  /** @returns whether it was asked for now. */
  async missed({ fromId, toId }: IdTally, signal: AbortSignal): Promise<boolean> {
    if (fromId === null || toId === null) return false;
    const atMs = this.#clock.now();
    const asked = this.#asked;
    const isCovered = asked !== null && asked.from <= fromId && toId <= asked.to;
    if (isCovered && atMs - asked.atMs < AGAIN_MS && atMs >= asked.atMs) return false;
    await this.#requests.ask({ from: fromId, to: toId }, signal);
    this.#asked = { from: fromId, to: toId, atMs };
    return true;
  }
}
