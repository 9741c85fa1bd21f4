import { type BinlogPosition, comparePositions } from '@scoreline/ledger';

/**
 * Whether the binlog stream brings what the source has. A dump thread that is half dead may send
 * heartbeats for ever and no events; so the source is asked, on another connection, where its binlog ends.
 * Each answer is a fence that the stream has to pass.
 *
 * What counts is the time without progress, not the time to the fence: after an outage, or within one large
 * transaction, the fence can be hours away, and to connect again would only begin anew.
 */
export class FenceWatch {
  #fence: BinlogPosition | null = null;
  /** Null until the stream has brought something: before that it has passed no fence. */
  #read: BinlogPosition | null = null;
  /** Since when a fence has been waiting and nothing has come; null while none is. */
  #sinceMs: number | null = null;
  #missed: BinlogPosition | null = null;

  /** Another stream begins: what the one before had to pass is asked again. */
  begin(): void {
    this.#fence = null;
    this.#read = null;
    this.#sinceMs = null;
  }

  /** The source says that its binlog ends here. */
  asked(position: BinlogPosition, atMs: number): void {
    this.#fence = position;
    if (this.#isPassed(position)) this.#sinceMs = null;
    else this.#sinceMs ??= atMs;
  }

  /** So far has the stream been read. Repeating a position is no progress. */
  read(position: BinlogPosition, atMs: number): void {
    if (this.#read !== null && comparePositions(this.#read, position) === 0) return;
    this.#read = position;
    this.#sinceMs = this.#fence === null || this.#isPassed(this.#fence) ? null : atMs;
    if (this.#missed !== null && this.#isPassed(this.#missed)) this.#missed = null;
  }

  /** We do not read, since too much waits to be published: nothing can come. */
  paused(atMs: number): void {
    if (this.#sinceMs !== null) this.#sinceMs = atMs;
  }

  /** For how long the oldest fence that was not passed has been waiting while nothing came. */
  overdueMs(nowMs: number): number {
    return this.#sinceMs === null ? 0 : Math.max(0, nowMs - this.#sinceMs);
  }

  /** The stream is given up. Its fence is remembered beyond it, until another stream has passed it. */
  miss(): void {
    this.#missed = this.#fence;
  }

  /** Another server has taken the source's place: positions are others. */
  forget(): void {
    this.begin();
    this.#missed = null;
  }

  /** The fence that a stream was given up for, and that none has passed since. */
  get missed(): BinlogPosition | null {
    return this.#missed;
  }

  /** Where the source's binlog ended when it was asked last. */
  get position(): BinlogPosition | null {
    return this.#fence;
  }

  #isPassed(fence: BinlogPosition): boolean {
    return this.#read !== null && comparePositions(this.#read, fence) >= 0;
  }
}
