import type { Connection, RowDataPacket } from 'mysql2/promise';

export type Flavor = 'mariadb' | 'mysql';

/** What a server says about itself. */
export interface ServerFacts {
  readonly flavor: Flavor;
  readonly version: string;
  /** Global variables by name, as text; one that this server does not know is absent. */
  readonly variables: ReadonlyMap<string, string>;
  /** `user`@`host` as the server matched us, ready for a GRANT. */
  readonly account: string;
}

const VARIABLES = [
  'binlog_checksum',
  'binlog_expire_logs_auto_purge',
  'binlog_expire_logs_seconds',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'gtid_domain_id',
  'gtid_mode',
  'gtid_slave_pos',
  'innodb_flush_log_at_trx_commit',
  'log_bin',
  'log_replica_updates',
  'log_slave_updates',
  'server_id',
  'server_uuid',
  'sync_binlog',
  'system_time_zone',
  'time_zone',
];

export async function serverFacts(connection: Connection): Promise<ServerFacts> {
  const names = VARIABLES.map((name) => `'${name}'`).join(', ');
  const [rows] = await connection.query<RowDataPacket[]>(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`,
  );
  const [[about]] = await connection.query<RowDataPacket[]>(
    'SELECT VERSION() AS version, CURRENT_USER() AS account',
  );
  const version = String(about?.['version']);
  return {
    flavor: /mariadb/i.test(version) ? 'mariadb' : 'mysql',
    version,
    variables: new Map(
      rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
    ),
    account: quoteAccount(String(about?.['account'])),
  };
}

function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@');
  return `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
}
