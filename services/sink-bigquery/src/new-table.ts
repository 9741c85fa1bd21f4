import { type Logger, retry } from '@scoreline/service';

import { ApiError } from './api-error.ts';

/** Until what knows nothing of a new table is believed. Google speaks of minutes. */
const NEW_MS = 600_000;
const LOOKS = 8;

/**
 * BigQuery's word for an error, of a table that was created then. Not every part of BigQuery knows of a
 * table at once; those that do not say `notFound`, as they say of one that somebody has dropped.
 */
export function reasonOf(reason: string, createdMs: number, nowMs: number = Date.now()): string {
  return reason === 'notFound' && nowMs - createdMs < NEW_MS ? 'tableUnavailable' : reason;
}

/** The answer about a table that must be there, as it was created or found right before. */
export async function newlyThere<T>(
  ask: () => Promise<T>,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<T> {
  let looks = 0;
  return retry(ask, {
    signal,
    log,
    what: 'looking at the new table',
    maxDelayMs: 5_000,
    classify: (error) =>
      error instanceof ApiError && error.reason === 'notFound' && ++looks < LOOKS,
  });
}
