import mysql from 'mysql2';
import type { Connection, ConnectionOptions } from 'mysql2/promise';

import { type ConnectStage, connectError } from './connect-error.ts';
import type { Source } from './source.ts';

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** `start`: a server that does not answer is a wrong setting. `running`: it will be back. */
  readonly stage?: ConnectStage;
}

/**
 * What the driver needs to reach the source. Every connection of ours is made with these, the binlog's
 * too: numbers above 2^53 and every date stay text, so that nothing depends on this machine's zone.
 */
export function connectionOptions(source: Source): ConnectionOptions {
  const ssl = sslOptions(source);
  return {
    ...(source.socketPath === undefined
      ? { host: source.host, port: source.port }
      : { socketPath: source.socketPath }),
    user: source.user,
    password: source.password,
    database: source.database,
    connectTimeout: source.connectTimeoutMs,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    ...(ssl ? { ssl } : {}),
  };
}

/**
 * A connection of one's own, in UTC, for a lock, a preflight or a transaction. Its owner ends it.
 *
 * @throws ConfigError that names database_dsn when the server refuses us; for one that does not answer
 * a ConfigError at the start, a RetryableError later.
 */
export async function sessionConnection(
  source: Source,
  { signal, stage = 'running' }: ConnectOptions = {},
): Promise<Connection> {
  try {
    return await connect(source, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw connectError(error, source, stage);
  }
}

/** Settles tls=preferred by asking the server, for drivers that cannot fall back by themselves. */
export async function settleTls(source: Source, options: ConnectOptions = {}): Promise<Source> {
  if (source.tls !== 'preferred') return source;
  const connection = await sessionConnection({ ...source, tls: 'skip-verify' }, options).catch(
    (error: unknown) => {
      if (hasNoTls(error)) return null;
      throw error;
    },
  );
  await connection?.end();
  return { ...source, tls: connection ? 'skip-verify' : 'false' };
}

async function connect(source: Source, signal?: AbortSignal): Promise<Connection> {
  try {
    return await open(connectionOptions(source), signal);
  } catch (error) {
    if (source.tls !== 'preferred' || !hasNoTls(error)) throw error;
    return await open(connectionOptions({ ...source, tls: 'false' }), signal);
  }
}

async function open(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
  signal?.throwIfAborted();
  const raw = mysql.createConnection(options);
  // Without a listener the loss of an idle connection would end the process.
  raw.on('error', () => {});
  let fail: (reason: Error) => void = () => {};
  const abort = () => {
    raw.destroy();
    fail(signal?.reason as Error);
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      fail = reject;
      raw.once('error', reject);
      raw.once('end', () => reject(new Error('the server closed the connection')));
      raw.once('connect', () => resolve());
    });
    const connection = raw.promise();
    await connection.query("SET SESSION time_zone = '+00:00'");
    return connection;
  } catch (error) {
    raw.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Resolves when a connection is gone, with why: what was locked or open on it is no longer. */
export function connectionLost(connection: Connection): Promise<Error> {
  return new Promise((resolve) => {
    connection.on('error', resolve);
    connection.on('end', () => resolve(new Error('the connection has ended')));
  });
}

function sslOptions({ tls, tlsCa }: Source): ConnectionOptions['ssl'] | undefined {
  switch (tls) {
    case 'false':
      return undefined;
    case 'true':
      // Without verifyIdentity the driver accepts any valid certificate, whoever's it is.
      return {
        rejectUnauthorized: true,
        verifyIdentity: true,
        ...(tlsCa === undefined ? {} : { ca: tlsCa }),
      };
    case 'skip-verify':
    case 'preferred':
      return { rejectUnauthorized: false };
    default:
      return tls satisfies never;
  }
}

function hasNoTls(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code === NO_TLS || cause?.code === NO_TLS;
}

const NO_TLS = 'HANDSHAKE_NO_SSL_SUPPORT';
