import type { TestContext } from 'node:test';

import type { SampleRow } from '../sample-rows.ts';
import type { LandingFault, Settings } from './fault.ts';

/** What becomes of a write on its way; `before`, `half way` and `after` say how much of it is done then. */
export type Mishap =
  /** It hangs, for as long as its process lives. */
  | 'held before'
  | 'held half way'
  | 'held after'
  /** It hangs until `release`, and is done then, whoever has made it. */
  | 'delayed'
  /** It fails. */
  | 'cut off half way'
  | 'answer lost';

/** Between a sink's process and its destination. */
export interface Way {
  /** What has happened to writes so far, one line each: a fault that did not fire has shown nothing. */
  readonly fired: readonly string[];
  /** Does it to the next write. */
  spoil(mishap: Mishap): void;
  release(): void;
  /** Nothing gets through any more. */
  shut(): void;
  open(): void;
}

/** Where the rows of one fault land: a database, a bucket, a folder of its own. */
export interface Place {
  /** Settings of a process that lands here, by the way that can be spoilt. */
  readonly env: Settings;
  readonly way: Way;
  /** Every row that is there, in any order, read past the sink; a row that is there twice, twice. */
  rows(): Promise<readonly SampleRow[]>;
}

/** How processes of a sink are started. */
export interface SinkProgram {
  /** `clickhouse` */
  readonly sink: string;
  /** The service's program, `main.js`. */
  readonly main: string;
  /** Of each of its processes: what it is given lands at once, in ranges of a few hundred rows. */
  readonly settings: Settings;
  /** Of one whose ranges have many thousand rows, and wait for seconds; null for a sink that spools none. */
  readonly spooling: Settings | null;
}

/** A sink as the table of faults sees it: its real process, the way to its destination, and what is there. */
export interface Archive<P extends Place = Place> extends SinkProgram {
  /** Cleans up by `t.after`. Null when a server is not there: `needServer` has said so. */
  open(t: TestContext): Promise<P | null>;
  /** What can happen to this sink and to no other. */
  readonly faults: readonly LandingFault<P>[];
}
