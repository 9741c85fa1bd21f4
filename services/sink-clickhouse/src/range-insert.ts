import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { crc32c } from '@scoreline/kafka';
import type { LoadedRange, Range, WriteAttempt } from '@scoreline/landing';
import { type Logger, PermanentError, RetryableError } from '@scoreline/service';

import type { Column } from './columns.ts';
import { insert } from './insert.ts';
import type { LandedIds } from './landed-ids.ts';
import { checkDays, misfit } from './misfit.ts';
import { readBack } from './read-back.ts';
import type { Replication } from './replication.ts';
import { inOurTerms, isMisfit } from './server-errors.ts';
import { insertStatement } from './statements.ts';
import { endStragglers } from './stragglers.ts';

export interface RangeInsertOptions {
  readonly client: ClickHouseClient;
  /** `http://host:port`, for errors. */
  readonly address: string;
  /** Of each insert, beside those of every server. */
  readonly settings: ClickHouseSettings;
  /** Null for a table of one server. */
  readonly replication: Replication | null;
  /** Quoted, with its database. */
  readonly table: string;
  /** As the table has them. */
  readonly columns: readonly Column[];
  readonly log: Logger;
}

/**
 * One range into the table, so that it is there once, whatever happened to it before.
 *
 * The first time it is one insert, under the range's identity as its deduplication token. Whenever
 * it may have been started before, the table is asked: when it holds none of the rows, the same
 * insert is made again, whose token also stops a copy that is still on its way; when it holds some,
 * those that it lacks, under a token of their own; and then it is asked again.
 */
export class RangeInsert {
  readonly #options: RangeInsertOptions;
  readonly #statement: string;

  constructor(options: RangeInsertOptions) {
    this.#options = options;
    this.#statement = insertStatement(options.table, options.columns);
  }

  async write(whole: Range, { number, replay }: WriteAttempt, signal: AbortSignal): Promise<void> {
    const { columns } = this.#options;
    const range = await whole.load();
    checkDays(range, columns);
    try {
      if (number === 1 && !replay) await this.#insertAll(range, number, signal);
      else await this.#complete(range, number, signal);
    } catch (error) {
      if (isMisfit(error)) throw misfit(range, columns, messageOf(error), error);
      throw inOurTerms(error, `inserting ${range.rows} rows at ${this.#options.address}`);
    }
  }

  async #insertAll(range: LoadedRange, attempt: number, signal: AbortSignal): Promise<void> {
    await insert(
      this.#options.client,
      {
        statement: this.#statement,
        container: range.container(),
        token: range.identity,
        queryId: `${range.identity}.a${attempt}`,
        settings: this.#options.settings,
      },
      signal,
    );
  }

  async #complete(range: LoadedRange, attempt: number, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const unasked = await this.#endStragglers(range, signal);
    let landed = await this.#readBack(range, signal);
    log.info({ range: range.identity, rows: range.rows, found: landed.count }, 'asked the table');
    if (landed.count === 0) {
      await this.#insertAll(range, attempt, signal);
      landed = await this.#readBack(range, signal);
    }
    if (landed.count < range.rows) {
      // The rows that lack get a token of their own, which stops no insert that still runs there.
      if (unasked.length > 0) throw unseen(range, unasked);
      await this.#insertMissing(range, landed.missing(), attempt, signal);
      landed = await this.#readBack(range, signal);
    }
    if (landed.count === range.rows) return;
    throw new PermanentError(
      `the table took ${range.rows} rows of ${range.identity} and holds ${landed.count} of them`,
      {
        code: 'rows-missing-after-insert',
        remedy:
          'Rows are being removed from the table, by a TTL, a mutation or somebody: find out.',
      },
    );
  }

  /** Resolves with the hosts that could not be asked. */
  async #endStragglers(range: LoadedRange, signal: AbortSignal): Promise<readonly string[]> {
    const { client, replication } = this.#options;
    if (replication) return replication.endStragglers(range.identity, signal);
    await endStragglers(client, range.identity, signal);
    return [];
  }

  #readBack(range: LoadedRange, signal: AbortSignal): Promise<LandedIds> {
    const { replication } = this.#options;
    return replication
      ? replication.readBack(range, signal)
      : readBack(this.#options, range, signal);
  }

  async #insertMissing(
    range: LoadedRange,
    missing: readonly number[],
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const token = `${range.identity}.r${crcOfIds(range, missing)}`;
    this.#options.log.warn({ range: range.identity, rows: missing.length }, 'inserting what lacks');
    await insert(
      this.#options.client,
      {
        statement: this.#statement,
        container: range.containerOf(missing),
        token,
        queryId: `${token}.a${attempt}`,
        settings: this.#options.settings,
      },
      signal,
    );
  }
}

function unseen({ identity }: LoadedRange, hosts: readonly string[]): RetryableError {
  return new RetryableError(`an insert of ${identity} may still run at ${hosts.join(', ')}`, {
    code: 'straggler-unseen',
    remedy: 'Bring the host back; or, when it is gone for good, leave it out of ch_dsn.',
  });
}

function crcOfIds({ ids }: LoadedRange, indexes: readonly number[]): string {
  const bytes = Buffer.alloc(indexes.length * 8);
  for (const [at, index] of indexes.entries()) bytes.writeBigUInt64LE(BigInt(ids[index]!), at * 8);
  return crc32c(bytes).toString(16).padStart(8, '0');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
