import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { Problem } from './preflight.ts';
import { serverFacts, type ServerFacts } from './server-facts.ts';
import { variableProblems } from './server-variables.ts';
import type { Source } from './source.ts';
import { timeZoneProblems } from './time-zone.ts';

export interface ServerPreflight {
  readonly server: ServerFacts;
  readonly problems: readonly Problem[];
}

/** Everything about a server that decides whether its binlog can be captured. Reads only. */
export async function preflightServer(
  connection: Connection,
  source: Pick<Source, 'database' | 'table' | 'timeZone'>,
): Promise<ServerPreflight> {
  const server = await serverFacts(connection);
  const tooOld = versionProblems(server);
  if (tooOld.length > 0) return { server, problems: tooOld };
  return {
    server,
    problems: [
      ...variableProblems(server),
      ...(await grantProblems(connection, server)),
      ...(await binlogFilterProblems(connection, server, source)),
      ...(await replicaProblems(connection, server)),
      ...timeZoneProblems(server, source.timeZone),
    ],
  };
}

const OLDEST = { mysql: [8, 4], mariadb: [10, 11] } as const;

/** Older servers lack the statements that the other checks use. */
function versionProblems({ flavor, version }: ServerFacts): Problem[] {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST[flavor];
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return [];
  const name = flavor === 'mysql' ? 'MySQL' : 'MariaDB';
  return [
    {
      severity: 'error',
      subject: 'version',
      message: `${name} ${version} is older than ${oldestMajor}.${oldestMinor}, the oldest that is supported`,
      remedy: `-- upgrade to ${name} ${oldestMajor}.${oldestMinor} or later, or capture from a replica that is`,
    },
  ];
}

/** Which transactions have changed rows that cannot be seen yet: MariaDB tells it otherwise. */
const OPEN_TRANSACTIONS = 'SELECT 1 FROM information_schema.innodb_trx LIMIT 1';
const UNSEEN = 'whether rows that are in the binlog can be read yet is not told without it';

/** The statements that need the privileges tell best whether we have them, also through a role. */
async function grantProblems(connection: Connection, server: ServerFacts): Promise<Problem[]> {
  const needed: readonly { grant: string; has: boolean; why?: string }[] =
    server.flavor === 'mysql'
      ? [
          { grant: 'REPLICATION CLIENT', has: await canRun(connection, 'SHOW BINARY LOG STATUS') },
          { grant: 'REPLICATION SLAVE', has: await canRun(connection, 'SHOW REPLICAS') },
          { grant: 'PROCESS', has: await canRun(connection, OPEN_TRANSACTIONS), why: UNSEEN },
        ]
      : [
          { grant: 'BINLOG MONITOR', has: await canRun(connection, 'SHOW BINARY LOGS') },
          { grant: 'REPLICATION SLAVE', has: await isGranted(connection, 'REPLICATION SLAVE') },
        ];
  return needed
    .filter(({ has }) => !has)
    .map(({ grant, why = 'the binlog cannot be read without it' }) => ({
      severity: 'error',
      subject: grant,
      message: `${server.account} lacks ${grant}: ${why}`,
      remedy: `GRANT ${grant} ON *.* TO ${server.account};`,
    }));
}

/** MariaDB has no harmless statement that needs REPLICATION SLAVE alone; its grants show roles' too. */
async function isGranted(connection: Connection, privilege: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW GRANTS');
  return rows
    .map((row) => /^GRANT (.+?) ON \*\.\* TO /.exec(String(Object.values(row)[0]))?.[1] ?? '')
    .flatMap((privileges) => privileges.split(', '))
    .some((granted) => granted === privilege || granted === 'ALL PRIVILEGES');
}

async function canRun(connection: Connection, statement: string): Promise<boolean> {
  try {
    await connection.query(statement);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ER_SPECIFIC_ACCESS_DENIED_ERROR' || code === 'ER_ACCESS_DENIED_ERROR')
      return false;
    // Without a binlog there is nothing to show: log_bin is told by itself.
    if (code === 'ER_NO_BINARY_LOGGING') return true;
    throw error;
  }
}

async function binlogFilterProblems(
  connection: Connection,
  server: ServerFacts,
  { database, table }: Pick<Source, 'database' | 'table'>,
): Promise<Problem[]> {
  const statement = server.flavor === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
  if (!(await canRun(connection, statement))) return [];
  const [[row]] = await connection.query<RowDataPacket[]>(statement);
  const wanted = databases(row?.['Binlog_Do_DB']);
  const left = databases(row?.['Binlog_Ignore_DB']);
  if ((wanted.length === 0 || wanted.includes(database)) && !left.includes(database)) return [];
  const option = left.includes(database) ? 'binlog_ignore_db' : 'binlog_do_db';
  return [
    {
      severity: 'error',
      subject: option,
      message: `${option} keeps database ${database}, with its table ${table}, out of the binlog`,
      remedy: `[mysqld]\n# ${option}: ${option === 'binlog_do_db' ? `add ${database}` : `take ${database} away`}, then restart the server`,
    },
  ];
}

/** A replica writes what it replicates to its own binlog only when told to. */
async function replicaProblems(connection: Connection, server: ServerFacts): Promise<Problem[]> {
  const name = server.flavor === 'mysql' ? 'log_replica_updates' : 'log_slave_updates';
  if (/^(?:on|1)$/i.test(server.variables.get(name) ?? 'OFF')) return [];
  const role = await replicaRole(connection, server);
  if (role === 'primary') return [];
  const replica = role === 'replica' ? 'this server is a replica' : 'this server may be a replica';
  return [
    {
      severity: role === 'replica' ? 'error' : 'warning',
      subject: name,
      message: `${name} is OFF and ${replica}: rows that it replicates are not in its binlog`,
      remedy: `[mysqld]\n${name} = ON\n# then restart the server, or capture from the primary`,
    },
  ];
}

async function replicaRole(
  connection: Connection,
  { flavor, variables }: ServerFacts,
): Promise<'primary' | 'replica' | 'unknown'> {
  const statement = flavor === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS';
  if (await canRun(connection, statement)) {
    const [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows.length > 0 ? 'replica' : 'primary';
  }
  // Asking needs REPLICA MONITOR on MariaDB; how many replications run at this moment, everybody may know.
  const [[running]] = await connection.query<RowDataPacket[]>(
    "SHOW GLOBAL STATUS LIKE 'Slaves_running'",
  );
  if (Number(running?.['Value'] ?? 0) > 0) return 'replica';
  // A server that never replicated has no position.
  return (variables.get('gtid_slave_pos') ?? '') === '' ? 'primary' : 'unknown';
}

function databases(value: unknown): string[] {
  return typeof value === 'string' && value !== ''
    ? value.split(',').map((name) => name.trim())
    : [];
}
