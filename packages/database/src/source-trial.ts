import { RetryableError } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { sessionConnection } from './connection.ts';
import { sourceLabel, type Source } from './source.ts';

/** Looks at a source before it takes the place of another. What it throws is why it may not. */
export type SourceCheck = (connection: Connection, source: Source) => Promise<void>;

export type SourceTrial = (
  source: Source,
  checks: readonly SourceCheck[],
  signal: AbortSignal,
) => Promise<void>;

/** For connecting and all checks. */
const PATIENCE_MS = 20_000;

/**
 * Connects to a source, has each check look at it, and lets go of it again.
 *
 * @throws what speaks against it; the signal's reason when that is aborted.
 */
export async function trySource(
  source: Source,
  checks: readonly SourceCheck[],
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs);
  const over = AbortSignal.any([signal, patience]);
  try {
    const connection = await sessionConnection(source, { signal: over });
    try {
      await Promise.race([aborted(over), look(connection, source, checks)]);
    } finally {
      // A server that does not answer takes no leave either.
      if (over.aborted) connection.destroy();
      else await connection.end().catch(() => connection.destroy());
    }
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) throw silent(source, patienceMs);
    throw error;
  }
}

async function look(
  connection: Connection,
  source: Source,
  checks: readonly SourceCheck[],
): Promise<void> {
  await connection.ping();
  for (const check of checks) await check(connection, source);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function silent(source: Source, ms: number): RetryableError {
  return new RetryableError(`${sourceLabel(source)} did not answer within ${ms} ms`, {
    code: 'source-unreachable',
    remedy: 'Check host and port, that the server runs, and that the network lets us through.',
  });
}
