import { createHash } from 'node:crypto';

import { connectionLost, isTransient, sessionConnection, type Source } from '@scoreline/database';
import { type Logger, retry, RetryableError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** Seconds that one GET_LOCK waits; then the wait is begun again, which notices a dead server. */
const WAIT_S = 10;
/** How often the lock is confirmed to be ours; a lost connection is noticed at once. */
const CONFIRM_MS = 5_000;
/** A holder that is not heard of for so long is dead to the server. */
const SILENT_S = 60;

export interface Leadership {
  /** A session with the source, the one that holds the lock. */
  readonly connection: Connection;
  /** Aborted when the lock is no longer ours. */
  readonly lost: AbortSignal;
  /** @throws RetryableError when the lock is no longer ours. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Elects one capture for a table by MySQL's GET_LOCK: the lock lives and dies with its connection. It
 * keeps captures from fencing each other in turns; that two never both write is Kafka's fencing's doing.
 */
export class LeaderLock {
  readonly name: string;
  readonly #log: Logger;

  constructor(name: string, log: Logger) {
    this.name = lockName(name);
    this.#log = log;
  }

  /** Waits for the lock for as long as it takes. `waiting` is told when another one has it. */
  async acquire(source: Source, signal: AbortSignal, waiting: () => void): Promise<Leadership> {
    return retry(async () => this.#attempt(source, signal, waiting), {
      signal,
      log: this.#log,
      what: `taking the lock ${this.name}`,
      maxDelayMs: 5_000,
      classify: isTransient,
    });
  }

  async #attempt(source: Source, signal: AbortSignal, waiting: () => void): Promise<Leadership> {
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
      await Promise.race([aborted, this.#wait(connection, waiting)]);
    } catch (error) {
      connection.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return this.#lead(connection);
  }

  async #wait(connection: Connection, waiting: () => void): Promise<void> {
    // When the network is cut without a word, the server gives the lock back after this.
    await connection.query(`SET SESSION wait_timeout = ${SILENT_S}`);
    for (let seconds = 0; !(await this.#take(connection, seconds)); seconds = WAIT_S) {
      if (seconds === 0) waiting();
    }
  }

  #lead(connection: Connection): Leadership {
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
        const [[row]] = await connection.query<RowDataPacket[]>(
          'SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS ours',
          [this.name],
        );
        if (Number(row?.['ours']) === 1) return;
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
      lost: lost.signal,
      confirm,
      release: async () => {
        clearInterval(confirming);
        // Closing the connection gives the lock back, whatever state it is in.
        await connection.end().catch(() => connection.destroy());
      },
    };
  }

  async #take(connection: Connection, seconds: number): Promise<boolean> {
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS taken', [
      this.name,
      seconds,
    ]);
    return Number(row?.['taken']) === 1;
  }
}

/**
 * At most 64 characters, MySQL's limit. The transactional id names the pipeline: captures that share it
 * would fence each other, and those that do not may run side by side.
 */
export function lockName(transactionalId: string): string {
  if (transactionalId.length <= 64) return transactionalId;
  const digest = createHash('sha256').update(transactionalId).digest('hex').slice(0, 16);
  return `${transactionalId.slice(0, 47)}-${digest}`;
}
