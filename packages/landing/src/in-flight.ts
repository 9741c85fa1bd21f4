import type { PoisonError } from '@scoreline/service';

import type { AroundPoison } from './around-poison.ts';
import type { CommitChain } from './commit-chain.ts';
import { progress } from './progress.ts';
import type { Range } from './range.ts';

/** What carries a range to the destination, and who is told. */
export interface FlightContext {
  readonly commits: CommitChain;
  readonly aroundPoison: Pick<AroundPoison, 'passable' | 'inRange'>;
  write(range: Range, replay: boolean): Promise<void>;
  /** The range is durable, and committed as landed. */
  landed(range: Range, replay: boolean): void;
  /** One fewer is on its way. */
  left(): void;
  /** Ends the generation. */
  fail(error: unknown): void;
}

/** A range that has ended and is on its way. */
export interface Departure {
  /** Pending since before this generation: it needs no commit to begin. */
  readonly replay: boolean;
  /** What of it takes room in the spool. */
  readonly spooledBytes: number;
  range(): Promise<Range>;
  /** It has landed, or never will, and nobody reads it: its memory is let go. */
  over(): Promise<void>;
}

interface Flight {
  readonly departure: Departure;
  /** Null when something has failed. */
  readonly begun: Promise<Range | null>;
  readonly landed: Promise<boolean>;
}

/**
 * The ranges of one partition that are on their way, at most so many at a time. They are committed as
 * pending in order, each before its first byte is sent; are written at the same time; and are
 * committed as landed in order, also when a later one is durable first. So whoever reads the commit
 * knows each that may be there in part. A record that cannot land is dealt with when every range before
 * its own has landed, those behind wait. After a failure nothing more is begun, and nothing lands.
 */
export class InFlight {
  readonly #limit: number;
  readonly #context: FlightContext;
  readonly #flights: Flight[] = [];

  constructor(limit: number, context: FlightContext) {
    this.#limit = limit;
    this.#context = context;
  }

  get count(): number {
    return this.#flights.length;
  }

  get hasSlot(): boolean {
    return this.#flights.length < this.#limit;
  }

  get spooledBytes(): number {
    return this.#flights.reduce((sum, { departure }) => sum + departure.spooledBytes, 0);
  }

  /** Resolves when the oldest has landed or failed: ranges leave in order. Never rejects. */
  async oldest(): Promise<void> {
    await this.#flights[0]?.landed;
  }

  /** Resolves when nothing is on its way. Never rejects. */
  async settled(): Promise<void> {
    while (this.#flights.length > 0) await this.oldest();
  }

  start(departure: Departure): void {
    const before = this.#flights.at(-1);
    const begun = this.#begin(departure, before);
    const flight = { departure, begun, landed: this.#land(departure, { begun, before }) };
    this.#flights.push(flight);
    void this.#leave(flight);
  }

  async #begin(departure: Departure, before: Flight | undefined): Promise<Range | null> {
    try {
      const range = await departure.range();
      if ((await before?.begun) === null) return null;
      if (!departure.replay) {
        await this.#context.commits.add((now) => progress.begin(now, range));
      }
      return range;
    } catch (error) {
      this.#context.fail(error);
      return null;
    }
  }

  async #land(
    departure: Departure,
    { begun, before }: { begun: Promise<Range | null>; before: Flight | undefined },
  ): Promise<boolean> {
    try {
      const range = await begun;
      return range !== null && (await this.finish(range, departure.replay, before?.landed));
    } catch (error) {
      this.#context.fail(error);
      return false;
    } finally {
      await this.#letGo(departure);
    }
  }

  /**
   * Lands a range that is pending; around records that cannot land, where those are put aside.
   *
   * @param before whether all that is pending before it has landed; when not, it does not either: false.
   */
  async finish(
    pending: Range,
    replay: boolean,
    before: Promise<boolean> = Promise.resolve(true),
  ): Promise<boolean> {
    const { aroundPoison, commits } = this.#context;
    for (let range: Range | null = pending; range !== null;) {
      const part: Range = range;
      const poison = await this.#write(part, replay);
      if (!(await before)) return false;
      if (poison === null) {
        await commits.add((now) => progress.land(now, part, Date.now()));
        this.#context.landed(part, replay);
        return true;
      }
      range = await aroundPoison.inRange(part, replay, poison);
    }
    return true;
  }

  /** What of it cannot land and may be passed; null when it is durable. */
  async #write(range: Range, replay: boolean): Promise<PoisonError | null> {
    try {
      await this.#context.write(range, replay);
      return null;
    } catch (error) {
      return this.#context.aroundPoison.passable(error);
    }
  }

  async #letGo(departure: Departure): Promise<void> {
    try {
      await departure.over();
    } catch (error) {
      this.#context.fail(error);
    }
  }

  async #leave(flight: Flight): Promise<void> {
    await flight.landed;
    this.#flights.splice(this.#flights.indexOf(flight), 1);
    this.#context.left();
  }
}
