import { deferred } from './deferred.ts';
import type { Logger } from './log.ts';
import type { Part } from './part.ts';

export type LifecycleState = 'starting' | 'running' | 'stopping' | 'stopped';

/** Of the time for stopping, how much is for draining; the rest is for letting go. */
const DRAIN_SHARE = 0.9;

/**
 * Starts parts in order and stops them in reverse, once, whoever asks: a signal, a part that failed
 * or finished, a start that failed. The first failure decides the exit code and is logged once.
 */
export class Lifecycle {
  readonly #log: Logger;
  readonly #parts: readonly Part[];
  readonly #graceMs: number;
  readonly #begun: { part: Part; controller: AbortController }[] = [];
  readonly #watched = new Set<Promise<void>>();
  readonly #draining = new AbortController();
  readonly #stopRequested = deferred();
  readonly #forced = deferred();
  #state: LifecycleState = 'starting';
  #busyWith = '';
  #asked = false;
  #exitCode = 0;

  constructor(parts: readonly Part[], { log, graceMs }: { log: Logger; graceMs: number }) {
    this.#parts = parts;
    this.#log = log;
    this.#graceMs = graceMs;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** Why the service cannot do its work now: one line a reason. */
  notReady(): string[] {
    if (this.#state === 'starting') return [`starting: ${this.#busyWith}`];
    if (this.#state !== 'running') return [this.#state];
    return this.#parts.flatMap((part) => {
      const reason = part.notReady?.() ?? null;
      return reason === null ? [] : [`${part.name}: ${reason}`];
    });
  }

  /** Resolves with the exit code when everything has stopped, or when it was forced to. */
  async run(): Promise<number> {
    const deadlines = this.#stopRequested.promise.then(() => this.#armDeadlines());
    await Promise.race([this.#live(), this.#forced.promise]);
    this.#state = 'stopped';
    this.#stopRequested.resolve();
    for (const timer of await deadlines) clearTimeout(timer);
    return this.#exitCode;
  }

  /** Asks for an orderly stop. The second time, for an immediate end. */
  requestStop(why: string): void {
    if (this.#asked) {
      this.#force(`${why} again`);
      return;
    }
    this.#asked = true;
    this.#stop(why);
  }

  async #live(): Promise<void> {
    await this.#startAll();
    if (this.#state === 'starting') {
      this.#state = 'running';
      this.#log.info('running');
    }
    await this.#stopRequested.promise;
    await this.#stopAll();
  }

  async #startAll(): Promise<void> {
    for (const part of this.#parts) {
      if (this.#state !== 'starting') return;
      this.#busyWith = part.name;
      const controller = new AbortController();
      this.#begun.push({ part, controller });
      try {
        const starting = part.start(controller.signal);
        this.#watch(part);
        await starting;
        this.#watch(part);
      } catch (error) {
        this.#fail(part, error);
      }
    }
  }

  async #stopAll(): Promise<void> {
    for (const { part } of this.#begun.toReversed()) {
      this.#busyWith = part.name;
      try {
        await part.stop(this.#draining.signal);
      } catch (error) {
        this.#fail(part, error);
      }
    }
    this.#log.info({ exitCode: this.#exitCode }, 'stopped');
  }

  #watch(part: Part): void {
    const { done } = part;
    if (!done || this.#watched.has(done)) return;
    this.#watched.add(done);
    void this.#follow(part, done);
  }

  async #follow(part: Part, done: Promise<void>): Promise<void> {
    try {
      await done;
      if (this.#state !== 'stopping') this.#stop(`${part.name} has finished`);
    } catch (error) {
      this.#fail(part, error);
    }
  }

  #fail(part: Part, error: unknown): void {
    const stopping = this.#state === 'stopping' || this.#state === 'stopped';
    if (stopping && isAbort(error)) return;
    const message = error instanceof Error ? error.message : String(error);
    if (stopping) {
      this.#exitCode ||= exitCodeOf(error);
      this.#log.error({ err: error, part: part.name }, `while stopping: ${message}`);
      return;
    }
    this.#exitCode = exitCodeOf(error);
    this.#log.fatal({ err: error, part: part.name }, message);
    this.#stop(`${part.name} has failed`);
  }

  #stop(why: string): void {
    if (this.#state === 'stopping' || this.#state === 'stopped') return;
    const starting = this.#state === 'starting';
    this.#state = 'stopping';
    this.#log.info({ why, graceMs: this.#graceMs }, 'stopping');
    if (starting) this.#begun.at(-1)?.controller.abort();
    this.#stopRequested.resolve();
  }

  #armDeadlines(): NodeJS.Timeout[] {
    return [
      setTimeout(() => this.#endDraining(), this.#graceMs * DRAIN_SHARE),
      setTimeout(() => this.#force('shutdown_grace is over'), this.#graceMs),
    ];
  }

  #endDraining(): void {
    this.#log.warn({ part: this.#busyWith }, 'the time for draining is over');
    this.#draining.abort();
    for (const { controller } of this.#begun) controller.abort();
  }

  #force(why: string): void {
    this.#exitCode ||= 1;
    this.#log.error({ part: this.#busyWith, why }, 'exiting without waiting for what still runs');
    this.#forced.resolve();
  }
}

/** What an error asks the process to exit with: `exitCode` if it has one, else 1. */
export function exitCodeOf(error: unknown): number {
  const code = (error as { exitCode?: unknown } | null | undefined)?.exitCode;
  return typeof code === 'number' && code !== 0 ? code : 1;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
