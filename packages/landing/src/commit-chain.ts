import type { Progress } from './progress.ts';

/** From what the commit before has made of a partition to what the next one makes of it. */
export type Step = (now: Progress) => Progress;

/**
 * One partition's commits, one after another, each a step from the one before. When one fails, nobody
 * knows what the broker has: those that wait behind it fail with it.
 */
export class CommitChain {
  readonly #commit: (next: Progress) => Promise<void>;
  #progress: Progress;
  #last: Promise<void> = Promise.resolve();

  constructor(from: Progress, commit: (next: Progress) => Promise<void>) {
    this.#progress = from;
    this.#commit = commit;
  }

  /** As it was last committed. */
  get progress(): Progress {
    return this.#progress;
  }

  /** Resolves when the step has been committed. */
  add(step: Step): Promise<void> {
    const done = this.#after(this.#last, step);
    this.#last = done;
    // Whoever asked for the step is told.
    done.catch(() => {});
    return done;
  }

  /** Resolves when nothing is being committed. Never rejects. */
  async settled(): Promise<void> {
    await this.#last.catch(() => {});
  }

  async #after(before: Promise<void>, step: Step): Promise<void> {
    await before;
    const next = step(this.#progress);
    await this.#commit(next);
    this.#progress = next;
  }
}
