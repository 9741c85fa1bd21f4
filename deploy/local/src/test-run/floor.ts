import { readFile } from 'node:fs/promises';

import type { Workspace } from './test-files.ts';

/** `deploy/local/test-floor.json`: what a whole run must at least be. Raise `tests` when tests are added. */
export interface Floor {
  readonly tests: number;
  /** Workspaces that need no test of their own, each with the reason. */
  readonly untested: Readonly<Record<string, string>>;
}

/** Node's closing summary. */
export interface Totals {
  readonly tests: number;
  readonly skipped: number;
  readonly todo: number;
}

export async function readFloor(file: string): Promise<Floor> {
  return JSON.parse(await readFile(file, 'utf8')) as Floor;
}

/** Workspaces that have code and no test that would run. */
export function untestedWorkspaces(all: readonly Workspace[], floor: Floor): string[] {
  return all
    .filter((one) => one.hasSources && one.tests.length === 0 && !(one.folder in floor.untested))
    .map((one) => `${one.folder} has sources and no test`);
}

/** Why a run whose every test passed is no proof all the same. */
export function shortfalls(totals: Totals, floor: Floor): string[] {
  const found: string[] = [];
  if (totals.tests < floor.tests) {
    found.push(
      `${totals.tests} tests ran, and test-floor.json says at least ${floor.tests}: tests were lost`,
    );
  }
  if (totals.skipped > 0) found.push(`${totals.skipped} tests were skipped: none may be`);
  if (totals.todo > 0) found.push(`${totals.todo} tests are still to do: none may be`);
  return found;
}
