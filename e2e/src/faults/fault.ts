import type { Damage } from '../mutants/damage.ts';
import type { Scene } from './scene.ts';

/** Settings of a service, by their names. */
export type Settings = Readonly<Record<string, string>>;

export type SqlServer = 'mariadb' | 'mysql';

/** How a process of capture ends that must not go on. */
export interface Stop {
  /** Code of the error that ends it, and of no other. */
  readonly stops: string;
  /** 1 unless given: 2 is for what a setting or the table must be. */
  readonly exitCode?: 1 | 2;
  /**
   * What ends one that is started again, as a supervisor would: the same unless given; `goes on` where a
   * start mends it, and then no row is lost; or null where the reason has passed, and nobody tries.
   */
  readonly again?: string | null;
}

/** What capture must do: keep every row and repeat none, or end by itself before it could. */
export type Outcome = 'goes on' | Stop;

/** Something that happens to a capture that runs, and what it must come to. */
export interface Fault {
  readonly name: string;
  readonly outcome: Outcome;
  /** The source; MariaDB unless given. */
  readonly server?: SqlServer;
  /** Of capture, beside those that all have. */
  readonly settings?: Settings;
  /** Rows that the table holds before the first start. */
  readonly held?: number;
  /** Of the code of capture, in its first process. */
  readonly damage?: Damage;
  /** Puts up what must stand before capture starts; resolves to more settings for it. */
  readonly stage?: (scene: Scene) => Promise<Settings>;
  /**
   * Does it, while rows are written. Resolves to what shows that it has happened, and rejects when nothing
   * does: a fault that did not fire proves nothing.
   */
  readonly cause: (scene: Scene) => Promise<string>;
}

/** An outcome in a word or two. */
export function textOf(outcome: Outcome): string {
  return outcome === 'goes on' ? outcome : `stops: ${outcome.stops}`;
}
