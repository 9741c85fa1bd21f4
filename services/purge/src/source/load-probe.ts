import { Pool, sourceLabel, type Source } from '@scoreline/database';
import { type Logger, unlessAborted } from '@scoreline/service';
import type { RowDataPacket } from 'mysql2/promise';

import type { Load } from '../pace/throttle.ts';
import { replicaLagMs } from './replica-lag.ts';

export type SourceLoad = Pick<Load, 'replicaLagMs' | 'threadsRunning' | 'historyListLength'>;

export interface LoadProbeOptions {
  /** A server that has not answered by then cannot be told. */
  readonly timeoutMs?: number;
  readonly log: Logger;
}

type Ask = (sql: string) => Promise<RowDataPacket[]>;

const STATUS =
  "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Innodb_history_list_length')";
/** MySQL has it here only, and a metric that is switched off stays at what it was. */
const METRIC =
  "SELECT COUNT AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len' AND STATUS = 'enabled'";

/** Asks the source and its replicas how they bear what is deleted. What does not answer is null. */
export class LoadProbe {
  readonly #pool: Pool;
  readonly #replicas: readonly { readonly name: string; readonly pool: Pool }[];
  readonly #timeoutMs: number;
  readonly #log: Logger;
  /** What cannot be told at the moment, so that it is said once. */
  readonly #silent = new Set<string>();

  constructor(
    pool: Pool,
    replicas: readonly Source[],
    { timeoutMs = 5_000, log }: LoadProbeOptions,
  ) {
    this.#pool = pool;
    this.#replicas = replicas.map((source) => ({
      name: `replica ${sourceLabel(source)}`,
      pool: new Pool(source, { maxOpen: 1 }),
    }));
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  async read(signal: AbortSignal): Promise<SourceLoad> {
    const [source, ...lags] = await Promise.all([
      this.#told('source', this.#pool, signal, sourceLoad),
      ...this.#replicas.map(({ name, pool }) => this.#told(name, pool, signal, lagOf)),
    ]);
    return {
      threadsRunning: source?.threadsRunning ?? null,
      historyListLength: source?.historyListLength ?? null,
      replicaLagMs: lags.reduce<number | null>(furthest, 0),
    };
  }

  /** Ends the connections to the replicas. */
  async end(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#replicas.map(({ pool }) => pool.end(signal)));
  }

  async #told<T>(
    what: string,
    pool: Pool,
    signal: AbortSignal,
    tell: (ask: Ask) => Promise<T>,
  ): Promise<T | null> {
    const timeout = this.#timeoutMs;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    // The driver's own limit ends the connection: what hangs in it would be waited for the next time, too.
    const ask: Ask = (sql) =>
      pool.use(async (connection) => {
        const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout });
        return rows;
      }, limited);
    try {
      const answer = await unlessAborted(tell(ask), limited);
      if (answer !== null) this.#silent.delete(what);
      else this.#say(what, 'it does not replicate, or does not tell how far it is behind');
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      this.#say(what, (error as Error).message);
      return null;
    }
  }

  #say(what: string, why: string): void {
    if (this.#silent.has(what)) return;
    this.#silent.add(what);
    this.#log.warn({ server: what, why }, 'how busy a server is cannot be told');
  }
}

/** Null is further than any number. */
function furthest(a: number | null, b: unknown): number | null {
  return a === null || typeof b !== 'number' ? null : Math.max(a, b);
}

async function sourceLoad(ask: Ask): Promise<Omit<SourceLoad, 'replicaLagMs'>> {
  const status = new Map(
    (await ask(STATUS)).map((row) => [
      String(row['Variable_name']).toLowerCase(),
      Number(row['Value']),
    ]),
  );
  const history = status.get('innodb_history_list_length');
  return {
    threadsRunning: status.get('threads_running') ?? null,
    historyListLength: history ?? (await historyMetric(ask)),
  };
}

async function historyMetric(ask: Ask): Promise<number | null> {
  const [row] = await ask(METRIC);
  return row === undefined ? null : Number(row['length']);
}

async function lagOf(ask: Ask): Promise<number | null> {
  const [row] = await ask('SELECT VERSION() AS version');
  const isMariadb = /mariadb/i.test(String(row?.['version']));
  return replicaLagMs(await ask(isMariadb ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS'));
}
