import { createHash } from 'node:crypto';

import type { Roster } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';

/** Why a plan is refused. */
export interface Problem {
  /** Stable, kebab-case: what the troubleshooting page names. */
  readonly code: string;
  readonly message: string;
  /** Commands that mend it, in order; none where it takes a person. */
  readonly commands?: readonly string[];
}

/** A change of the roster, before it is made. */
export interface Plan {
  /** Nothing is to be done: it is so already. */
  readonly isDone: boolean;
  /** What was seen, and what would follow, for a person. */
  readonly lines: readonly string[];
  /** Why not; empty when it may be applied. */
  readonly problems: readonly Problem[];
  /** Of all that the plan rests on. Not of offsets that a sink moves by itself. */
  readonly digest: string;
  /** As it would be recorded. */
  readonly roster: Roster;
}

/** Who decides, and why, as the record keeps it. */
export interface Decision {
  readonly atMs: number;
  readonly by: string;
  readonly why: string;
}

/** With the digest of a plan that is another one now. */
export function planChanged(digest: string): PermanentError {
  return new PermanentError(`the plan is another one by now: its digest is ${digest}`, {
    code: 'plan-changed',
    remedy: 'Look at it again, and give the new digest. Nothing was changed.',
  });
}

export function digestOf(seen: unknown): string {
  return createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 16);
}

/** Of the roster, what plans rest on: not its history. */
export function standing(roster: Roster): unknown {
  return roster.map(({ name, state, dest }) => [name, state, dest]);
}

/** `clickhouse, gcs`; `none`. */
export function namesOf(names: Iterable<string>): string {
  return [...new Set(names)].toSorted().join(', ') || 'none';
}
