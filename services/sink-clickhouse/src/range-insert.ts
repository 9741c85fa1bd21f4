import type { ClickHouseClient } from '@clickhouse/client';
import { crc32c } from '@scoreline/kafka';
import {
  checkNobodyAdds,
  type LoadedRange,
  type Range,
  type WriteAttempt,
} from '@scoreline/landing';
import { type Logger, PermanentError } from '@scoreline/service';

import type { Column } from './columns.ts';
import { insert } from './insert.ts';
import { checkDays, misfit } from './misfit.ts';
import { readBack } from './read-back.ts';
import { inOurTerms, isMisfit } from './server-errors.ts';
import { insertStatement } from './statements.ts';
import { endStragglers } from './stragglers.ts';

export interface RangeInsertOptions {
  readonly client: ClickHouseClient;
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
      throw inOurTerms(error, `inserting ${range.rows} rows`);
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
      },
      signal,
    );
  }

  async #complete(range: LoadedRange, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const { number, heldUpTo } = attempt;
    if (!isFirst(attempt)) await endStragglers(client, range.identity, signal);
    let landed = await readBack(this.#options, range, { heldUpTo, signal });
    const { count: found, doubles } = landed;
    log.info({ range: range.identity, rows: range.rows, found }, 'asked the table');
    if (doubles > 0) log.warn({ range: range.identity, doubles }, 'rows that were there twice');
    checkNobodyAdds(range, landed, attempt);
    if (landed.count === 0) {
      await this.#insertAll(range, number, signal);
      landed = await readBack(this.#options, range, { heldUpTo, signal });
    }
    if (landed.count < range.rows) {
      await this.#insertMissing(range, landed.missing(), number, signal);
      landed = await readBack(this.#options, range, { heldUpTo, signal });
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

  async #insertMissing(
    range: LoadedRange,
    missing: Uint32Array,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, columns, log } = this.#options;
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

function crcOfIds({ ids }: LoadedRange, indexes: Uint32Array): string {
  const bytes = Buffer.alloc(indexes.length * 8);
  for (const [at, index] of indexes.entries()) bytes.writeBigUInt64LE(BigInt(ids[index]!), at * 8);
  return crc32c(bytes).toString(16).padStart(8, '0');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
