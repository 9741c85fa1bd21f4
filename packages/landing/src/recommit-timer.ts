/** The first time at the latest: also a process that is restarted every day comes to it. */
const FIRST_MS = 3_600_000;

/**
 * Says when a commit that none has followed is due again. Brokers forget the offsets of a group that
 * is gone after a while, older ones also those of a group to which nothing comes.
 */
export class RecommitTimer {
  readonly #everyMs: number;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(everyMs: number, due: () => void) {
    this.#everyMs = everyMs;
    this.#due = due;
    this.#in(Math.min(everyMs, FIRST_MS));
  }

  /** A commit was made, or need not be. */
  restart(): void {
    this.#in(this.#everyMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #in(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(this.#due, ms);
  }
}
