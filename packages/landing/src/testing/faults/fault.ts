import type { Place } from './archive.ts';
import type { LandingScene } from './landing-scene.ts';

/** Settings of a service, by their names. */
export type Settings = Readonly<Record<string, string>>;

/** How a process ends that must not go on. */
export interface Stops<P extends Place> {
  /** Code of the error that ends it, and each one that is started after it. */
  readonly stops: string;
  /** What an operator then does. Resolves to settings of the next process, which must go on. */
  readonly mend: (scene: LandingScene<P>) => Promise<Settings>;
}

/** Something that happens to a sink that runs, and what it must come to. */
export interface LandingFault<P extends Place = Place> {
  readonly name: string;
  /** No row is lost or repeated in either case; what stops goes on when it was mended. */
  readonly outcome: 'goes on' | Stops<P>;
  /** Has processes and a topic of its own, beside the others: it waits for timeouts, or kills. */
  readonly isApart?: true;
  /**
   * Does it, and resolves to what shows that it has happened. Rejects when nothing does: a fault that did
   * not fire proves nothing.
   */
  readonly cause: (scene: LandingScene<P>) => Promise<string>;
}

/** An outcome in a word or two. */
export function outcomeText<P extends Place>({ outcome }: LandingFault<P>): string {
  return outcome === 'goes on' ? outcome : `stops: ${outcome.stops}`;
}
