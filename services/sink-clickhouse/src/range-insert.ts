import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { crc32c } from '@scoreline/kafka';
import {
  checkNobodyAdds,
  type LoadedRange,
  type Range,
  type WriteAttempt,
} from '@scoreline/landing';
import { type Logger, PermanentError, RetryableError } from '@scoreline/service';

import type { Column } from './columns.ts';
import { insert } from './insert.ts';
import type { LandedIds } from './landed-ids.ts';
import { checkDays, misfit } from './misfit.ts';
import { readBack, type ReadBackOptions } from './read-back.ts';
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
 * those that it lacks, under a token of their own; and then it is asked again. So it is when others may
 * have left some of the rows there before.
 */
export class RangeInsert {
  readonly #options: RangeInsertOptions;
  /** By writer schema. */
  readonly #statements = new Map<string, string>();

  constructor(options: RangeInsertOptions) {
    this.#options = options;
  }

  async write(whole: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    const { columns } = this.#options;
    const range = await whole.load();
    checkDays(range, columns);
    try {
      if (isFirst(attempt) && attempt.heldUpTo === undefined)
        await this.#insertAll(range, attempt.number, signal);
      else await this.#complete(range, attempt, signal);
    } catch (error) {
      if (isMisfit(error)) throw misfit(range, columns, messageOf(error), { cause: error });
      throw inOurTerms(error, `inserting ${range.rows} rows at ${this.#options.address}`);
    }
  }

  /** Records of a version from before lack the columns that were added since: these get their defaults. */
  #statement({ schema }: LoadedRange): string {
    const known = this.#statements.get(schema);
    if (known !== undefined) return known;
    const { table, columns } = this.#options;
    const { fields } = JSON.parse(schema) as { readonly fields: readonly { name: string }[] };
    const names = new Set(fields.map(({ name }) => name));
    const there = columns.filter(({ name, input }) => input === undefined || names.has(name));
    const statement = insertStatement(table, there);
    this.#statements.set(schema, statement);
    return statement;
  }

  async #insertAll(range: LoadedRange, attempt: number, signal: AbortSignal): Promise<void> {
    await insert(
      this.#options.client,
      {
        statement: this.#statement(range),
        container: range.container(),
        token: range.identity,
        queryId: `${range.identity}.a${attempt}`,
        settings: this.#options.settings,
      },
      signal,
    );
  }

  async #complete(range: LoadedRange, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const { number, heldUpTo } = attempt;
    const unasked = isFirst(attempt) ? [] : await this.#endStragglers(range, signal);
    let landed = await this.#readBack(range, { heldUpTo, signal });
    const { count: found, doubles } = landed;
    log.info({ range: range.identity, rows: range.rows, found }, 'asked the table');
    if (doubles > 0) log.warn({ range: range.identity, doubles }, 'rows that were there twice');
    checkNobodyAdds(range, landed, attempt);
    if (landed.count === 0) {
      await this.#insertAll(range, number, signal);
      landed = await this.#readBack(range, { heldUpTo, signal });
    }
    if (landed.count < range.rows) {
      // The rows that lack get a token of their own, which stops no insert that still runs there.
      if (unasked.length > 0) throw unseen(range, unasked);
      await this.#insertMissing(range, landed.missing(), number, signal);
      landed = await this.#readBack(range, { heldUpTo, signal });
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

  #readBack(range: LoadedRange, options: ReadBackOptions): Promise<LandedIds> {
    const { replication } = this.#options;
    return replication
      ? replication.readBack(range, options)
      : readBack(this.#options, range, options);
  }

  async #insertMissing(
    range: LoadedRange,
    missing: Uint32Array,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, columns, settings, log } = this.#options;
    const token = `${range.identity}.r${crcOfIds(range, missing)}`;
    log.info({ range: range.identity, rows: missing.length }, 'inserting what lacks');
    try {
      await insert(
        client,
        {
          statement: this.#statement(range),
          container: range.containerOf(missing),
          token,
          queryId: `${token}.a${attempt}`,
          settings,
        },
        signal,
      );
    } catch (error) {
      if (!isMisfit(error)) throw error;
      throw misfit(range, columns, messageOf(error), { cause: error, inserted: missing });
    }
  }
}

/** Nobody can have started it. */
function isFirst({ number, replay }: WriteAttempt): boolean {
  return number === 1 && !replay;
}

function unseen({ identity }: LoadedRange, hosts: readonly string[]): RetryableError {
  return new RetryableError(`an insert of ${identity} may still run at ${hosts.join(', ')}`, {
    code: 'straggler-unseen',
    remedy: 'Bring the host back; or, when it is gone for good, leave it out of ch_dsn.',
  });
}

function crcOfIds({ ids }: LoadedRange, indexes: Uint32Array): string {
  const bytes = Buffer.alloc(indexes.length * 8);
  for (const [at, index] of indexes.entries()) bytes.writeBigUInt64LE(BigInt(ids[index]!), at * 8);
  return crc32c(bytes).toString(16).padStart(8, '0');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
