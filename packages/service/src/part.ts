/**
 * A piece of a service that is started and stopped: a connection, a consumer, a loop. Its constructor
 * is inert. Parts are started in order, and stopped in reverse.
 */
export interface Part {
  /** In logs, and the key of `status()` on /status. */
  readonly name: string;

  /**
   * Resolves when the part works; what it does in the background goes on after that. The signal is
   * aborted when the service stops before this has resolved, and, as long as the part lives, when
   * the time for draining is over. An ordinary stop of a part that has started is told by `stop`.
   */
  start(signal: AbortSignal): Promise<void>;

  /**
   * Finishes what is in progress, then lets go of everything. When the signal is aborted the time for
   * that is over: let go at once. Called also when `start` has failed, and perhaps twice.
   */
  stop(signal: AbortSignal): Promise<void>;

  /**
   * Rejects when the part fails while running: the service stops and exits with the error's code.
   * Resolves when the part has nothing left to do: while running this stops the service too, with 0.
   * Read after `start` was called and again after it has resolved.
   */
  readonly done?: Promise<void> | undefined;

  /** Null while the part can do its work, else the reason why it cannot: /readyz shows it. */
  notReady?(): string | null;

  /** Anything that JSON can hold (and bigints): /status shows it. */
  status?(): unknown;
}
