import type { Identity } from '../identity.ts';

/** Where one of our sinks lands rows, each round in a place of its own. */
export interface Place {
  /** Why it cannot be had here, or null. */
  missing(): string | null;
  open(round: number): Promise<OpenPlace>;
}

export interface OpenPlace {
  /** Settings with which the sink lands here. */
  readonly env: Readonly<Record<string, string>>;
  /** The rows that are there, read by code that is not the sink's. */
  identity(): Promise<Identity>;
  /** Takes it away, with what has landed. */
  close(): Promise<void>;
}

/** Why a server of the stack is not there, or null. */
export function missingServer(
  env: Readonly<Record<string, string>>,
  variable: string,
): string | null {
  return env[variable] === undefined
    ? `${variable} is not set: its server was left out, as said at the start`
    : null;
}
