import { isHeld, type LockHolder } from '@scoreline/database';
import { PermanentError, RetryableError } from '@scoreline/service';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

import type { ChunkOutcome, RowsDigest } from '../purge/ports.ts';

/** The statements about one chunk. */
export interface ChunkStatements {
  readonly ids: readonly number[];
  readonly wanted: RowsDigest;
  readonly holder: LockHolder;
  readonly digest: string;
  readonly delete: string;
  /** Throws when the table is not what the statements were made for. Nothing can change it while it is locked. */
  readonly confirmShape: (connection: Connection) => Promise<void>;
  readonly referenced: (connection: Connection) => Promise<readonly number[]>;
}

const TRIES = 3;
const COLLISIONS = new Set(['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK']);
const REFERENCED = new Set(['ER_ROW_IS_REFERENCED', 'ER_ROW_IS_REFERENCED_2']);

/**
 * Deletes exactly these rows in one transaction, or nothing. They are locked first: what is compared then is
 * what is deleted, and nobody can point to them any more. Then it is seen whether we are still who may: another
 * purge that takes our locks after that waits for ours on the rows before it says which of them are gone.
 *
 * @throws RetryableError `lock-lost`, or `chunk-outcome-unknown` when COMMIT was not answered: see which of them are held.
 */
export async function deleteChunk(
  connection: Connection,
  chunk: ChunkStatements,
  signal: AbortSignal,
): Promise<ChunkOutcome> {
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted();
    try {
      return await attempt(connection, chunk, signal);
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (REFERENCED.has(code)) return await pointedTo(connection, chunk);
      if (!COLLISIONS.has(code)) throw error;
      // A lock wait that took too long has undone its own statement only.
      await connection.query('ROLLBACK');
      if (tries === TRIES) return { kind: 'collided' };
    }
  }
}

async function attempt(
  connection: Connection,
  chunk: ChunkStatements,
  signal: AbortSignal,
): Promise<ChunkOutcome> {
  const { ids, wanted } = chunk;
  const began = performance.now();
  await connection.query('START TRANSACTION');
  const seen = await readDigest(connection, `${chunk.digest} FOR UPDATE`);
  if (!(await isHeld(connection, chunk.holder))) throw lockLost(chunk.holder);
  await chunk.confirmShape(connection);
  if (seen.count !== wanted.count || seen.digest !== wanted.digest || seen.count !== ids.length) {
    await connection.query('ROLLBACK');
    return { kind: 'changed', ids };
  }
  const referenced = await chunk.referenced(connection);
  if (referenced.length > 0) {
    await connection.query('ROLLBACK');
    return { kind: 'referenced', ids: referenced };
  }
  const [{ affectedRows }] = await connection.query<ResultSetHeader>(chunk.delete);
  if (affectedRows !== ids.length) {
    await connection.query('ROLLBACK');
    throw otherRows(affectedRows, ids.length);
  }
  signal.throwIfAborted();
  await commit(connection);
  return { kind: 'deleted', rows: affectedRows, ms: performance.now() - began };
}

export async function readDigest(connection: Connection, sql: string): Promise<RowsDigest> {
  const [[row]] = await connection.query<RowDataPacket[]>(sql);
  const digest = BigInt(String(row?.['digest'])).toString(16).padStart(16, '0');
  return { count: Number(row?.['count']), digest };
}

async function commit(connection: Connection): Promise<void> {
  try {
    await connection.query('COMMIT');
  } catch (cause) {
    throw new RetryableError(
      `whether a chunk was deleted is not known: ${(cause as Error).message}`,
      { code: 'chunk-outcome-unknown', cause },
    );
  }
}

/** The server found what our own look did not: somebody pointed to a row without a lock on it. */
async function pointedTo(connection: Connection, chunk: ChunkStatements): Promise<ChunkOutcome> {
  await connection.query('ROLLBACK');
  const ids = await chunk.referenced(connection);
  return ids.length > 0 ? { kind: 'referenced', ids } : { kind: 'collided' };
}

function lockLost({ names }: LockHolder): RetryableError {
  return new RetryableError(
    `the locks ${names.join(' and ')} are not ours any more: nothing of a chunk was deleted`,
    { code: 'lock-lost' },
  );
}

function otherRows(deleted: number, wanted: number): PermanentError {
  return new PermanentError(
    `a DELETE of ${wanted} rows that are locked took ${deleted}; it was rolled back`,
    {
      code: 'purge-rows-differ',
      remedy:
        'Look whether the clock of the source was set back, and start again: nothing was deleted.',
    },
  );
}
