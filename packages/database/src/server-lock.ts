import { createHash } from 'node:crypto';

import { type Logger, retry, RetryableError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { isTransient } from './connect-error.ts';
import { connectionLost, sessionConnection } from './connection.ts';
import type { Source } from './source.ts';

/** Seconds that one GET_LOCK waits; then the wait is begun again, which notices a dead server. */
const WAIT_S = 10;
/** How often the lock is confirmed to be ours; a lost connection is noticed at once. */
const CONFIRM_MS = 5_000;
/** A holder that is not heard of for so long is dead to the server. */
const SILENT_S = 60;

/** Who has locks, for the statements of other sessions: what they do may have to be nobody else's. */
export interface LockHolder {
  readonly names: readonly string[];
  readonly connectionId: number;
}

/** What holds the lock. */
export interface Leadership {
  /** A session with the source: the one that holds the lock. */
  readonly connection: Connection;
  readonly holder: LockHolder;
  /** Aborted when the lock is no longer ours. */
  readonly lost: AbortSignal;
  /** @throws RetryableError when the lock is no longer ours. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Elects one of several processes by the source's GET_LOCK: the lock lives and dies with its connection.
 * Several locks are taken in their order, and held and lost together: the first says who waits for the others.
 */
export class ServerLock {
  readonly names: readonly string[];
  readonly #log: Logger;

  constructor(names: string | readonly string[], log: Logger) {
    this.names = [names].flat().map(lockName);
    this.#log = log;
  }

  /** As logs and errors name it. */
  get name(): string {
    return this.names.join(' and ');
  }

  /** Waits for as long as it takes. `waiting` is told of each lock that another one has. */
  async acquire(
    source: Source,
    signal: AbortSignal,
    waiting: (name: string) => void,
  ): Promise<Leadership> {
    return retry(async () => this.#attempt(source, signal, waiting), {
      signal,
      log: this.#log,
      what: `taking the lock ${this.name}`,
      maxDelayMs: 5_000,
      classify: isTransient,
    });
  }

  async #attempt(
    source: Source,
    signal: AbortSignal,
    waiting: (name: string) => void,
  ): Promise<Leadership> {
    const connection = await sessionConnection(source, { signal });
    let abort = (): void => {};
    // A connection that is destroyed does not answer any more: nothing waits for that.
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        connection.destroy();
        reject(signal.reason as Error);
      };
    });
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const connectionId = await Promise.race([aborted, this.#wait(connection, waiting)]);
      return this.#lead(connection, connectionId);
    } catch (error) {
      connection.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Resolves with the session's id when it has them all. */
  async #wait(connection: Connection, waiting: (name: string) => void): Promise<number> {
    // When the network is cut without a word, the server gives the lock back after this.
    await connection.query(`SET SESSION wait_timeout = ${SILENT_S}`);
    for (const name of this.names) {
      for (let seconds = 0; !(await take(connection, name, seconds)); seconds = WAIT_S) {
        if (seconds === 0) waiting(name);
      }
    }
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
    return Number(row?.['id']);
  }

  #lead(connection: Connection, connectionId: number): Leadership {
    const holder: LockHolder = { names: this.names, connectionId };
    const lost = new AbortController();
    const lose = (cause: unknown): RetryableError => {
      const error = new RetryableError(`the lock ${this.name} is lost`, {
        code: 'lock-lost',
        cause,
      });
      if (!lost.signal.aborted) lost.abort(error);
      return error;
    };
    void connectionLost(connection).then(lose);
    const confirm = async (): Promise<void> => {
      // A server that does not answer may have given the lock away.
      const silence = setTimeout(() => connection.destroy(), 2 * CONFIRM_MS);
      try {
        if (await isHeld(connection, holder)) return;
      } catch (error) {
        throw lose(error);
      } finally {
        clearTimeout(silence);
      }
      throw lose(undefined);
    };
    const confirming = setInterval(() => void confirm().catch(() => {}), CONFIRM_MS);
    lost.signal.addEventListener('abort', () => clearInterval(confirming), { once: true });
    return {
      connection,
      holder,
      lost: lost.signal,
      confirm,
      release: async () => {
        clearInterval(confirming);
        // Closing the connection gives the lock back, whatever state it is in.
        await connection.end().catch(() => connection.destroy());
      },
    };
  }
}

/** Whether they all are its still; to be asked of the same server. */
export async function isHeld(
  connection: Connection,
  { names, connectionId }: LockHolder,
): Promise<boolean> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT ${names.map(() => 'IS_USED_LOCK(?) = ?').join(' AND ')} AS held`,
    names.flatMap((name) => [name, connectionId]),
  );
  return Number(row?.['held']) === 1;
}

async function take(connection: Connection, name: string, seconds: number): Promise<boolean> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS taken', [
    name,
    seconds,
  ]);
  return Number(row?.['taken']) === 1;
}

/**
 * At most 64 characters, MySQL's limit. A lock's name says what it is about, such as a transactional id:
 * processes that share it take turns, and those that do not may run side by side.
 */
function lockName(name: string): string {
  if (name.length <= 64) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, 47)}-${digest}`;
}
