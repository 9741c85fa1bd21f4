import type { ServerFacts } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { ConfigError, PermanentError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** One statement that both flavours understand. A variable that a server does not have gives no row. */
export const IDENTITY_QUERY =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'server_id', 'server_uuid', 'gtid_domain_id')";

/** MariaDB has no uuid of its own: its server id and domain stand for it. */
export function identityOf(rows: readonly Record<string, unknown>[]): SourceIdentity {
  const variables = new Map(
    rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
  );
  const serverId = Number(variables.get('server_id'));
  if (/mariadb/i.test(variables.get('version') ?? '')) {
    const serverUuid = `${serverId}-${variables.get('gtid_domain_id') ?? '0'}`;
    return { flavour: 'mariadb', serverUuid, serverId };
  }
  return { flavour: 'mysql', serverUuid: variables.get('server_uuid') ?? '', serverId };
}

/** The same, of what the start found out. */
export function identityFrom({ version, variables }: ServerFacts): SourceIdentity {
  return identityOf(
    [['version', version], ...variables].map(([name, value]) => ({
      Variable_name: name,
      Value: value,
    })),
  );
}

export function isSameSource(a: SourceIdentity, b: SourceIdentity): boolean {
  return a.flavour === b.flavour && a.serverUuid === b.serverUuid;
}

/** @throws PermanentError `source-changed` */
export function requireSameSource(wanted: SourceIdentity, seen: SourceIdentity): void {
  if (isSameSource(wanted, seen)) return;
  throw new PermanentError(
    `another server answers: the ledger was captured from ${sourceLabel(wanted)}, this is ${sourceLabel(seen)}`,
    {
      code: 'source-changed',
      remedy: `Point database_dsn at the server that the ledger knows. If this one has taken its place, and has everything that it had, set accept_new_source=${seen.serverUuid} to go on here.`,
    },
  );
}

export function sourceLabel({ flavour, serverUuid, serverId }: SourceIdentity): string {
  return `${flavour} ${serverUuid} (server_id ${serverId})`;
}

/** Asks the server at the other end who it is. */
export async function identityAt(connection: Connection): Promise<SourceIdentity> {
  const [rows] = await connection.query<RowDataPacket[]>(IDENTITY_QUERY);
  return identityOf(rows);
}

/** @throws PermanentError `source-changed` */
export async function confirmSource(connection: Connection, wanted: SourceIdentity): Promise<void> {
  requireSameSource(wanted, await identityAt(connection));
}

/** The end of the binlog now: behind a whole group. */
export async function currentPosition(
  connection: Connection,
  flavour: SourceIdentity['flavour'],
): Promise<BinlogPosition> {
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
