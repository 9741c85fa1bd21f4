import { ConfigError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { Flavor } from './server-facts.ts';

/** The end of the binlog now: behind a whole group. */
export async function currentPosition(
  connection: Connection,
  flavour: Flavor,
): Promise<{ file: string; offset: number }> {
  const statement = flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
  const [[row]] = await connection.query<RowDataPacket[]>(statement);
  if (!row) throw withoutBinlog();
  return { file: String(row['File']), offset: Number(row['Position']) };
}

export interface BinlogFile {
  readonly name: string;
  readonly bytes: number;
}

/** Oldest first. */
export async function binlogFiles(connection: Connection): Promise<BinlogFile[]> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW BINARY LOGS');
  const files = rows.map((row) => ({
    name: String(row['Log_name']),
    bytes: Number(row['File_size']),
  }));
  if (files.length === 0) throw withoutBinlog();
  return files;
}

function withoutBinlog(): ConfigError {
  return new ConfigError('database_dsn: the server writes no binlog', {
    code: 'no-binlog',
    remedy: '[mysqld]\nlog_bin = binlog\n# then restart the server',
  });
}
