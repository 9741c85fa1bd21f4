/** A row whose commit was acknowledged to its writer at `at`, milliseconds since the epoch. */
export interface Probe {
  readonly id: number;
  readonly serverId: number;
  readonly at: number;
}

/** Which of these rows can be read at the destination now. */
export type Look = (probes: readonly Probe[]) => Promise<ReadonlySet<number>>;

const WINDOW_MS = 60_000;
/** Of rows that do not arrive, the oldest are what counts; newer ones wait their turn. */
const WAITING = 200;

/**
 * The time from a row's COMMIT to the first query that returns it. Measured on the traffic's own
 * rows, and never too good: the time between two looks is in it.
 */
export class Freshness {
  readonly #look: Look;
  #waiting: Probe[] = [];
  #seen: { readonly at: number; readonly ms: number }[] = [];

  constructor(look: Look) {
    this.#look = look;
  }

  /** A row that will be looked for. */
  expect(probe: Probe): void {
    if (this.#waiting.length < WAITING && this.#waiting.at(-1)?.id !== probe.id)
      this.#waiting.push(probe);
  }

  async check(now: () => number = Date.now): Promise<void> {
    if (this.#waiting.length === 0) return;
    const arrived = await this.#look(this.#waiting);
    const at = now();
    for (const probe of this.#waiting) {
      if (arrived.has(probe.id)) this.#seen.push({ at, ms: at - probe.at });
    }
    this.#waiting = this.#waiting.filter(({ id }) => !arrived.has(id));
    this.#seen = this.#seen.filter((one) => one.at > at - WINDOW_MS);
  }

  /** Milliseconds under which this share of the last minute's rows stayed; null before the first. */
  quantile(share: number): number | null {
    const sorted = this.#seen.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  }
}
