/** Spreads work over time: at most so many units a second, on average, without saving up while idle. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  #freeAt = 0;

  /** @param perSecond 0 is no limit. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** How long to wait after `units` that were done just now. */
  waitMs(units: number): number {
    if (this.#perSecond === 0) return 0;
    const now = this.#now();
    this.#freeAt = Math.max(now, this.#freeAt) + (units * 1000) / this.#perSecond;
    return this.#freeAt - now;
  }
}
