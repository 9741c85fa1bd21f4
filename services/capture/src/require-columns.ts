import { currentPosition, type Source, tableColumns } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { checkDropped } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

export interface RequireColumnsOptions {
  /** Of the columns that a table may lack: what this one had in what was captured. */
  readonly had: readonly string[];
  readonly flavour: SourceIdentity['flavour'];
  /** Resolves when every row that the stream has before a position is out. */
  readonly caughtUp: (position: BinlogPosition) => Promise<void>;
}

/**
 * That no column was dropped of a table to which nothing was written since. What was written while it
 * was there goes out first: the binlog has values that the table has lost.
 *
 * @throws PermanentError `table-changed`
 */
export async function requireColumns(
  connection: Connection,
  source: Source,
  { had, flavour, caughtUp }: RequireColumnsOptions,
): Promise<void> {
  const problems = checkDropped(await tableColumns(connection, source), had);
  if (problems.length === 0) return;
  await caughtUp(await currentPosition(connection, flavour));
  throw new PermanentError(`${source.database}.${source.table}: ${problems.join('; ')}`, {
    code: 'table-changed',
    remedy:
      'Rows written from here on would have NULL there, and nothing would tell. While none is, add the column again; otherwise, and where it is to be gone for good, start a new ledger (another topic_prefix). What was captured of it stays in the topic.',
  });
}
