import { randomUUID } from 'node:crypto';

import { PermanentError } from '@scoreline/service';

import { doneOf, intentOf, resolvedOf } from './chunk-record.ts';
import type { Basis } from './judge.ts';
import type { ChunkOutcome, Clock, JournalPort, LocksPort, TablePort } from './ports.ts';
import type { PreparedChunk } from './prepare-lot.ts';

export interface Deletion {
  readonly table: Pick<TablePort, 'deleteChunk'>;
  readonly journal: JournalPort;
  readonly locks: LocksPort;
  readonly clock: Clock;
  /** Who deletes, as the purge log has it. */
  readonly by: string;
}

/**
 * Deletes one chunk: first it is written down what will go, and on what evidence, then it goes, then that it
 * went. Whoever is killed between leaves an intent without an end, which the next one resolves.
 */
export async function deleteChunk(
  { table, journal, locks, clock, by }: Deletion,
  { ids, digest }: PreparedChunk,
  { basis, throttledMs }: { readonly basis: Basis; readonly throttledMs: number },
  signal: AbortSignal,
): Promise<ChunkOutcome> {
  const intent = intentOf({ chunk: randomUUID(), ids, digest }, basis, { by, nowMs: clock.now() });
  await locks.confirm();
  await journal.append(intent);
  signal.throwIfAborted();
  locks.lost.throwIfAborted();
  const outcome = await table.deleteChunk(ids, digest, locks.holder, signal);
  const nowMs = clock.now();
  if (outcome.kind !== 'deleted') {
    await journal.append(resolvedOf(intent, [], { by, nowMs }));
    return outcome;
  }
  if (outcome.rows !== ids.length) {
    throw new PermanentError(`${outcome.rows} rows were deleted, ${ids.length} were to be`, {
      code: 'chunk-rows',
      remedy: 'Report this, with the last records of the purge log.',
    });
  }
  await journal.append(doneOf(intent, { ms: outcome.ms, throttledMs }, { nowMs }));
  return outcome;
}
