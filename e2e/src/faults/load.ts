import { startTraffic, type Traffic } from '@scoreline/local';

/** Rows a second: enough for some in each transaction of capture. */
const RATE = 500;

/** Traffic into one database, which may end and begin again. */
export class Load {
  readonly #dsn: string;
  #seed: number;
  #traffic: Traffic | null = null;
  /** Committed by those that have ended. */
  #rows = 0;

  constructor(dsn: string, firstSeed: number) {
    this.#dsn = dsn;
    this.#seed = firstSeed;
  }

  /** Rows that are committed by now. */
  get rows(): number {
    return this.#rows + (this.#traffic?.stats().committed ?? 0);
  }

  /** Begins it, unless it goes on still. */
  begin(): void {
    this.#traffic ??= startTraffic(this.#dsn, { rate: RATE, seed: this.#seed++, rows: null });
  }

  /** Ends it, with everything committed that is open. May be called twice. */
  async end(): Promise<void> {
    await this.#traffic?.stop();
    this.#over();
  }

  /** The server has been taken away from it: resolves when it has found out. */
  async broken(): Promise<void> {
    const isBroken = await this.#traffic?.done.then(
      () => false,
      () => true,
    );
    if (isBroken !== true) throw new Error('traffic has not missed its server');
    this.#over();
  }

  #over(): void {
    this.#rows = this.rows;
    this.#traffic = null;
  }
}
