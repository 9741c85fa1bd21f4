import {
  identifier,
  preflightTable,
  type Problem,
  serverFacts,
  type ServerFacts,
  type ServerIdentity,
  type Source,
  timeZoneProblems,
} from '@scoreline/database';
import { ConfigError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { isGranted } from './grants.ts';
import { keyProblems } from './key-problems.ts';
import { type Facts, factsOf } from './table-facts.ts';

type Purged = Pick<Source, 'database' | 'table' | 'timeZone'>;

/**
 * Everything about server and table that decides whether rows may be deleted from it. Reads only, on a
 * prepared session.
 *
 * @throws ConfigError `purge-preflight` with all that is wrong.
 */
export async function preflight(
  connection: Connection,
  identity: ServerIdentity,
  source: Purged,
): Promise<Facts> {
  const server = await serverFacts(connection);
  const { problems } = await preflightTable(connection, source);
  settle(problems, source);
  // The statements that look further need the privileges.
  settle(
    [...(await grantProblems(connection, server, source)), ...nameProblems(server, source)],
    source,
  );
  const facts = await factsOf(connection, identity, source);
  settle(
    [
      ...(await readOnlyProblems(connection)),
      ...tsProblems(server, facts, source),
      ...triggerProblems(facts, source),
      ...(await keyProblems(connection, facts, server.account)),
    ],
    source,
  );
  return facts;
}

function settle(problems: readonly Problem[], { database, table }: Purged): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const lines = errors.map(({ message }) => `  ${message}`);
  throw new ConfigError(
    [`database_dsn: ${database}.${table} is not ready to be purged:`, ...lines].join('\n'),
    { code: 'purge-preflight', remedy: errors.map(({ remedy }) => remedy).join('\n') },
  );
}

async function grantProblems(
  connection: Connection,
  { flavor, account }: ServerFacts,
  { database, table }: Purged,
): Promise<Problem[]> {
  const name = identifier(database, table);
  const isMysql = flavor === 'mysql';
  const needed: readonly [grant: string, on: string, has: boolean, why: string][] = [
    ['DELETE', name, await mayDelete(connection, name), 'nothing can be deleted without it'],
    [
      'TRIGGER',
      name,
      isGranted(await grantsOf(connection, isMysql), 'TRIGGER', { database, table }),
      'triggers are not shown without it, and would run with every row',
    ],
    [
      'PROCESS',
      '*.*',
      await mayRun(
        connection,
        `SELECT 1 FROM information_schema.${isMysql ? 'INNODB_FOREIGN' : 'INNODB_SYS_FOREIGN'} LIMIT 1`,
      ),
      'which foreign keys point here is not shown without it',
    ],
    [
      isMysql ? 'REPLICATION CLIENT' : 'BINLOG MONITOR',
      '*.*',
      await mayRun(connection, isMysql ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS'),
      'whether capture has seen all changes is not told without it',
    ],
  ];
  return needed
    .filter(([, , has]) => !has)
    .map(([grant, on, , why]) => ({
      severity: 'error',
      subject: grant,
      message: `${account} lacks ${grant}: ${why}`,
      remedy: `GRANT ${grant} ON ${on} TO ${account};`,
    }));
}

const DENIED = new Set([
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_ERROR',
]);

async function mayRun(connection: Connection, statement: string): Promise<boolean> {
  try {
    await connection.query(statement);
    return true;
  } catch (error) {
    if (DENIED.has((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

/** EXPLAIN asks for the privilege, and deletes nothing. */
function mayDelete(connection: Connection, name: string): Promise<boolean> {
  return mayRun(connection, `EXPLAIN DELETE FROM ${name} WHERE id IN (1)`);
}

/** With those of the roles that this session has; MariaDB shows them anyway. */
async function grantsOf(connection: Connection, isMysql: boolean): Promise<string[]> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT CURRENT_ROLE() AS roles');
  const roles = row?.['roles'] as string | null;
  const using = isMysql && roles !== null && roles !== 'NONE' ? ` USING ${roles}` : '';
  const [rows] = await connection.query<RowDataPacket[]>(
    using === '' ? 'SHOW GRANTS' : `SHOW GRANTS FOR CURRENT_USER()${using}`,
  );
  return rows.map((one) => String(Object.values(one)[0]));
}

async function readOnlyProblems(connection: Connection): Promise<Problem[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'innodb_read_only')",
  );
  const set = rows.filter((row) => !/^(?:off|0)$/i.test(String(row['Value'])));
  return set.map((row) => ({
    severity: 'error',
    subject: String(row['Variable_name']),
    message: `${String(row['Variable_name'])} is ${String(row['Value'])}: this is a replica, or closed for writing`,
    remedy: '-- name the primary in the DSN of the purge; capture may go on reading a replica',
  }));
}

function tsProblems(server: ServerFacts, { columns, tsKind }: Facts, source: Purged): Problem[] {
  const ts = columns.find(({ name }) => name.toLowerCase() === 'ts');
  if (ts?.dataType === 'timestamp' || ts?.dataType === 'datetime') {
    return tsKind === 'timestamp' ? [] : timeZoneProblems(server, source.timeZone);
  }
  const name = `${source.database}.${source.table}`;
  return [
    {
      severity: 'error',
      subject: name,
      message: `${name} has ${ts === undefined ? 'no column ts' : `ts ${ts.type}`}, must have ts as timestamp or datetime: how old a row is stands there`,
      remedy: '-- this table cannot be purged',
    },
  ];
}

function triggerProblems({ shape }: Facts, { database, table }: Purged): Problem[] {
  return shape.triggers.map((trigger) => ({
    severity: 'error',
    subject: trigger,
    message: `the trigger ${trigger} runs when a row of ${database}.${table} is deleted: what it does is not proven safe`,
    remedy: `SHOW CREATE TRIGGER ${identifier(database, trigger)}; -- then drop it, or do not purge this table`,
  }));
}

/** InnoDB's own list has names as files are called, and for other letters that is not plain. */
function nameProblems({ flavor }: ServerFacts, { database, table }: Purged): Problem[] {
  if (flavor === 'mysql' || /^[\x20-\x7e]+$/.test(database + table)) return [];
  return [
    {
      severity: 'error',
      subject: `${database}.${table}`,
      message: `the name ${database}.${table} has letters beyond ASCII: keys that point to it are not found`,
      remedy: '-- this table cannot be purged on MariaDB',
    },
  ];
}
