import type { Socket } from 'node:net';

import { binlogFiles, currentPosition, sessionConnection, type Source } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { RetryableError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { retentionSeconds, type SizeLimit } from './binlog-runway.ts';
import { confirmSource } from './source-identity.ts';

/** What the source says of its binlog at one moment. */
export interface SourceReport {
  /** Where it ends. */
  readonly position: BinlogPosition;
  /** How long its files are kept, which can be changed at run time. */
  readonly retentionSeconds: number;
  readonly size: SizeLimit | null;
  /** The server's clock. */
  readonly nowMs: number;
}

/** A server that writes a very large transaction to its binlog answers when that is done. */
const ANSWER_MS = 10_000;

const RETENTION_QUERY =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge', 'max_binlog_total_size')";

/** Asks the source about its binlog, on a connection that has nothing to do with the stream's. */
export class SourcePoller {
  readonly #source: Source;
  readonly #identity: SourceIdentity;
  #connection: Connection | null = null;

  constructor(source: Source, identity: SourceIdentity) {
    this.#source = source;
    this.#identity = identity;
  }

  /**
   * Connects when there is no connection that works.
   *
   * @throws RetryableError whatever is the matter: the stream tells by itself whether that is an end.
   */
  async ask(signal: AbortSignal): Promise<SourceReport> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      return await before(within, this.#ask(within));
    } catch (cause) {
      this.close();
      signal.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new RetryableError(`the source does not say where its binlog ends: ${why}`, {
        code: 'source-poll',
        cause,
      });
    }
  }

  close(): void {
    if (this.#connection !== null) cut(this.#connection);
    this.#connection = null;
  }

  async #ask(signal: AbortSignal): Promise<SourceReport> {
    const connection = (this.#connection ??= await this.#connect(signal));
    const position = await currentPosition(connection, this.#identity.flavour);
    const [rows] = await connection.query<RowDataPacket[]>(RETENTION_QUERY);
    const variables = new Map(
      rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
    );
    const maxBytes = Number(variables.get('max_binlog_total_size') ?? 0);
    const [[clock]] = await connection.query<RowDataPacket[]>('SELECT UNIX_TIMESTAMP() AS now');
    return {
      position,
      retentionSeconds: retentionSeconds(variables),
      size: maxBytes > 0 ? { maxBytes, files: await binlogFiles(connection) } : null,
      nowMs: Number(clock?.['now']) * 1000,
    };
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const connection = await sessionConnection(this.#source, { signal });
    try {
      // Another server behind the same address ends elsewhere.
      await confirmSource(connection, this.#identity);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      cut(connection);
      throw error;
    }
  }
}

/** At once, and without a word: mysql2's own destroy waits for the other side, which may be gone. */
function cut(connection: Connection): void {
  connection.destroy();
  const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection;
  stream.destroy();
}

/** mysql2 never settles a query whose connection we have destroyed. */
async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
