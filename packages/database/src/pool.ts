import { PermanentError } from '@scoreline/service';
import type { Connection, QueryResult, QueryValues } from 'mysql2/promise';

import { sessionConnection } from './connection.ts';
import type { PoolCounts, PoolMetrics } from './pool-metrics.ts';
import { SourceHolder } from './source-holder.ts';
import type { Source } from './source.ts';

export interface PoolOptions {
  readonly maxOpen?: number;
  readonly maxIdle?: number;
  readonly lifetimeMs?: number;
  readonly metrics?: PoolMetrics;
  readonly connect?: (source: Source, signal?: AbortSignal) => Promise<Connection>;
  readonly now?: () => number;
}

type CloseReason = 'age' | 'idle' | 'broken' | 'replaced' | 'shutdown';

interface Member {
  readonly connection: Connection;
  readonly bornAt: number;
  readonly source: Source;
  broken: boolean;
}

/** Hands over a connection, or null: the right to open one. */
interface Waiter {
  readonly serve: (member: Member | null) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * At most 25 connections, of which 10 stay open while idle, none for longer than 3 minutes: the
 * archiver's numbers. The driver's own pool knows no lifetime, drops idle connections without saying
 * goodbye, which the server counts as aborted, and cannot fail when a session could not be set up.
 *
 * `replace` gives it another source, such as a rotated password: connections of the old one end as
 * they come back.
 */
export class Pool {
  readonly #options: Required<Omit<PoolOptions, 'metrics'>>;
  readonly #metrics: PoolMetrics | undefined;
  readonly #idle: Member[] = [];
  readonly #inUse = new Set<Member>();
  readonly #waiters: Waiter[] = [];
  #source: Source;
  #connecting = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #closed = false;
  #whenEmpty: (() => void) | undefined;

  constructor(source: Source, { metrics, ...options }: PoolOptions = {}) {
    this.#source = source;
    this.#metrics = metrics;
    this.#options = {
      maxOpen: 25,
      maxIdle: 10,
      lifetimeMs: 180_000,
      connect: (to, signal) => sessionConnection(to, signal ? { signal } : {}),
      now: () => performance.now(),
      ...options,
    };
    metrics?.follow(() => this.counts());
  }

  counts(): PoolCounts {
    const open = this.#idle.length + this.#inUse.size + this.#connecting;
    return { open, idle: this.#idle.length, waiting: this.#waiters.length };
  }

  /** One statement on any connection. */
  async query<T extends QueryResult>(
    sql: string,
    values?: QueryValues,
    signal?: AbortSignal,
  ): Promise<T> {
    // A statement that was refused leaves its connection as it was.
    const isBroken = (error: unknown) => (error as { sqlState?: string }).sqlState === undefined;
    return this.#with(
      async (connection) => (await connection.query<T>(sql, values))[0],
      isBroken,
      signal,
    );
  }

  /** Several statements on one connection. When `work` throws, who knows what is open: it is closed. */
  async use<T>(work: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#with(work, () => true, signal);
  }

  /** From now on connections are opened to another source. */
  replace(source: Source): void {
    this.#source = source;
    for (const member of this.#idle.splice(0)) this.#close(member, 'replaced');
  }

  /** Idle connections end now, the others as they come back; when the signal is aborted, at once. */
  async end(signal?: AbortSignal): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper);
    for (const waiter of this.#waiters.splice(0)) waiter.refuse(poolClosed());
    for (const member of this.#idle.splice(0)) this.#close(member, 'shutdown');
    if (this.counts().open === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      const drop = () => {
        for (const { connection } of this.#inUse) connection.destroy();
        resolve();
      };
      if (signal?.aborted) drop();
      else signal?.addEventListener('abort', drop, { once: true });
    });
  }

  async #with<T>(
    work: (connection: Connection) => Promise<T>,
    isBroken: (error: unknown) => boolean,
    signal?: AbortSignal,
  ): Promise<T> {
    const member = await this.#acquire(signal);
    try {
      return await work(member.connection);
    } catch (error) {
      if (isBroken(error)) member.broken = true;
      throw error;
    } finally {
      this.#release(member);
    }
  }

  async #acquire(signal?: AbortSignal): Promise<Member> {
    signal?.throwIfAborted();
    if (this.#closed) throw poolClosed();
    const began = this.#options.now();
    const idle = this.#takeIdle();
    if (idle) this.#inUse.add(idle);
    const member = idle ?? (this.#mayOpen() ? null : await this.#wait(signal));
    const taken = member ?? (await this.#openOne(signal));
    this.#metrics?.waitSeconds.observe((this.#options.now() - began) / 1000);
    return taken;
  }

  /** The one that was used last: it is warm, and the others can grow old and go. */
  #takeIdle(): Member | null {
    for (let member = this.#idle.pop(); member; member = this.#idle.pop()) {
      const reason = this.#whyClose(member);
      if (reason === null) return member;
      this.#close(member, reason);
    }
    return null;
  }

  #mayOpen(): boolean {
    if (this.counts().open >= this.#options.maxOpen) return false;
    this.#connecting++;
    return true;
  }

  #wait(signal?: AbortSignal): Promise<Member | null> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        const at = this.#waiters.indexOf(waiter);
        if (at < 0) return;
        this.#waiters.splice(at, 1);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        serve: (member) => {
          signal?.removeEventListener('abort', abort);
          resolve(member);
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      };
      this.#waiters.push(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Opens the connection that `#mayOpen` has counted already. */
  async #openOne(signal?: AbortSignal): Promise<Member> {
    const source = this.#source;
    try {
      const connection = await this.#options.connect(source, signal);
      const member: Member = { connection, bornAt: this.#options.now(), source, broken: false };
      const lost = () => this.#lost(member);
      connection.on('error', lost);
      connection.on('end', lost);
      this.#metrics?.opened.inc();
      this.#sweeper ??= setInterval(() => this.#sweep(), this.#options.lifetimeMs / 6).unref();
      this.#connecting--;
      this.#inUse.add(member);
      return member;
    } catch (error) {
      this.#metrics?.failed.inc();
      // Replaced meanwhile: what was refused is not in use any more.
      if (source !== this.#source && !this.#closed) return this.#openOne(signal);
      this.#connecting--;
      this.#serveNext();
      throw error;
    }
  }

  #release(member: Member): void {
    const reason = this.#whyClose(member) ?? (this.#closed ? 'shutdown' : null);
    const waiter = reason === null ? this.#waiters.shift() : undefined;
    if (waiter) {
      // It stays counted as in use until the waiter runs.
      waiter.serve(member);
      return;
    }
    this.#inUse.delete(member);
    if (reason !== null) this.#close(member, reason);
    else if (this.#idle.length < this.#options.maxIdle) this.#idle.push(member);
    else this.#close(member, 'idle');
  }

  #whyClose({ broken, source, bornAt }: Member): CloseReason | null {
    if (broken) return 'broken';
    if (source !== this.#source) return 'replaced';
    return this.#options.now() - bornAt >= this.#options.lifetimeMs ? 'age' : null;
  }

  #close(member: Member, reason: CloseReason): void {
    this.#metrics?.closed.inc({ reason });
    if (member.broken) member.connection.destroy();
    else void member.connection.end();
    this.#serveNext();
    if (this.counts().open === 0) this.#whenEmpty?.();
  }

  /** Lets the next waiter open a connection in the place that became free. */
  #serveNext(): void {
    if (this.#waiters.length > 0 && this.#mayOpen()) this.#waiters.shift()?.serve(null);
  }

  #lost(member: Member): void {
    member.broken = true;
    const at = this.#idle.indexOf(member);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#close(member, 'broken');
  }

  #sweep(): void {
    const old = this.#idle.filter((member) => this.#whyClose(member) !== null);
    for (const member of old) {
      this.#idle.splice(this.#idle.indexOf(member), 1);
      this.#close(member, 'age');
    }
  }
}

/** The archiver's limits: 25 open, 10 idle, 3 minutes. Opens nothing yet; follows a holder's reloads. */
export function openPool(from: Source | SourceHolder, options: PoolOptions = {}): Pool {
  if (!(from instanceof SourceHolder)) return new Pool(from, options);
  const pool = new Pool(from.current, options);
  from.onChange((source) => pool.replace(source));
  return pool;
}

function poolClosed(): PermanentError {
  return new PermanentError('the pool of source connections is closed', { code: 'pool-closed' });
}
