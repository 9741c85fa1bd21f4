import type { TestContext } from 'node:test';

import {
  IDENTITY_QUERY,
  identityOf,
  parseDsn,
  preflightTable,
  sessionConnection,
  type Source,
} from '@scoreline/database';
import { Block, type UnknownColumns, VERSION_1 } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { TableReader } from '../table-reader.ts';
import { type EncodedRow, encodedRows } from './binlog-rows.ts';
import { SourceDatabase, type SqlServerName } from './source-database.ts';

export interface ReaderSetup {
  readonly own: SourceDatabase;
  readonly admin: Connection;
  readonly source: Source;
  readonly identity: ReturnType<typeof identityOf>;
  /** A session of the user that captures. */
  readonly connect: () => Promise<Connection>;
  /** A reader of the table as it is now. */
  readonly open: (
    connection?: Connection,
    utcOffsetMinutes?: number,
    unknownColumns?: UnknownColumns,
  ) => Promise<TableReader>;
}

/** A database of a test's own and readers of its log_scores. Null when the server is not there. */
export async function readerSetup(
  t: TestContext,
  server: SqlServerName,
): Promise<ReaderSetup | null> {
  const own = await SourceDatabase.create(t, server);
  if (own === null) return null;
  const source: Source = {
    ...parseDsn(own.dsn),
    table: 'log_scores',
    timeZone: undefined,
    tlsCa: undefined,
    origin: 'database_dsn',
  };
  const [rows] = await own.admin.query<RowDataPacket[]>(IDENTITY_QUERY);
  const identity = identityOf(rows);
  const connect = async (): Promise<Connection> => {
    const connection = await sessionConnection(source);
    t.after(() => connection.destroy());
    return connection;
  };
  return {
    own,
    admin: own.admin,
    source,
    identity,
    connect,
    open: async (connection, utcOffsetMinutes = 0, unknownColumns = 'omit') => {
      const session = connection ?? (await connect());
      const { columns } = await preflightTable(session, source);
      const { flavour } = identity;
      await TableReader.prepare(session);
      return new TableReader(session, {
        table: source,
        flavour,
        columns,
        unknownColumns,
        version: VERSION_1,
        utcOffsetMinutes,
      });
    },
  };
}

/** Reads what is asked for to its end, call by call. */
export async function readAll(
  reader: TableReader,
  asked: Parameters<TableReader['rows']>[0],
  options: Partial<Parameters<TableReader['rows']>[2]> = {},
): Promise<{ rows: EncodedRow[]; calls: number }> {
  const rows: EncodedRow[] = [];
  let rest = asked;
  for (let calls = 1; ; calls++) {
    const block = new Block(16, 1);
    const limits = { limitRows: 1_000, limitBytes: 1_000_000, ...options };
    const { last, done, rows: appended } = await reader.rows(rest, block, limits);
    if (appended !== block.rows) throw new Error(`${appended} rows told, ${block.rows} appended`);
    rows.push(...encodedRows(block));
    if (done) return { rows, calls };
    rest =
      rest instanceof Float64Array
        ? rest.filter((id) => id > last)
        : { from: last + 1, to: rest.to };
  }
}

/** For `assert.rejects`. */
export function refusedWith(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof PermanentError && error.code === code && message.test(error.message);
}
