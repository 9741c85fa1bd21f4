import type { Connection, RowDataPacket } from 'mysql2/promise';

import { identifier, type Problem } from './preflight.ts';
import type { Source } from './source.ts';

export interface TableColumn {
  readonly name: string;
  /** Lower case, such as `bigint unsigned`, `datetime(6)`, `enum('a','b')`. */
  readonly type: string;
  /** The type without length and sign: `bigint`, `datetime`. */
  readonly dataType: string;
  readonly nullable: boolean;
  readonly unsigned: boolean;
  /** Null for what is no text. */
  readonly charset: string | null;
  readonly autoIncrement: boolean;
  readonly primaryKey: boolean;
}

export interface TablePreflight {
  /** In the table's own order; empty when it cannot be seen. */
  readonly columns: readonly TableColumn[];
  readonly engine: string | null;
  /** The next id, when the server tells; it may be behind by its statistics' age. */
  readonly autoIncrement: bigint | null;
  readonly problems: readonly Problem[];
}

/** Everything about a table that decides whether it can be captured. Reads only. */
export async function preflightTable(
  connection: Connection,
  { database, table }: Pick<Source, 'database' | 'table'>,
): Promise<TablePreflight> {
  const [[about]] = await connection.query<RowDataPacket[]>(
    `SELECT TABLE_TYPE AS kind, ENGINE AS engine, AUTO_INCREMENT AS next
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`,
    [database, table],
  );
  if (!about)
    return {
      columns: [],
      engine: null,
      autoIncrement: null,
      problems: [await absent(connection, database, table)],
    };
  const columns = await tableColumns(connection, { database, table });
  const engine = about['engine'] === null ? null : String(about['engine']);
  const kind = String(about['kind']);
  return {
    columns,
    engine,
    autoIncrement: about['next'] === null ? null : BigInt(String(about['next'])),
    problems: [
      ...(await selectProblems(connection, database, table)),
      ...(kind === 'BASE TABLE'
        ? engineProblems(engine, database, table)
        : [notATable(kind, database, table)]),
      ...(kind === 'BASE TABLE' ? keyProblems(columns, database, table) : []),
    ],
  };
}

/** In the table's own order; none when it cannot be seen. */
export async function tableColumns(
  connection: Connection,
  { database, table }: Pick<Source, 'database' | 'table'>,
): Promise<TableColumn[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, DATA_TYPE AS dataType, IS_NULLABLE AS nullable,
            EXTRA AS extra, COLUMN_KEY AS columnKey, CHARACTER_SET_NAME AS charset
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [database, table],
  );
  return rows.map((row) => ({
    name: String(row['name']),
    type: String(row['type']).toLowerCase(),
    dataType: String(row['dataType']).toLowerCase(),
    nullable: row['nullable'] === 'YES',
    unsigned: /\bunsigned\b/i.test(String(row['type'])),
    charset: row['charset'] === null ? null : String(row['charset']),
    autoIncrement: /auto_increment/i.test(String(row['extra'])),
    primaryKey: row['columnKey'] === 'PRI',
  }));
}

async function absent(connection: Connection, database: string, table: string): Promise<Problem> {
  const [[me]] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER() AS account');
  const account = String(me?.['account']).replace(/^(.*)@(.*)$/, "'$1'@'$2'");
  return {
    severity: 'error',
    subject: `${database}.${table}`,
    message: `table ${database}.${table} does not exist, or ${account} may not see it`,
    remedy: `GRANT SELECT ON ${identifier(database, table)} TO ${account};`,
  };
}

async function selectProblems(
  connection: Connection,
  database: string,
  table: string,
): Promise<Problem[]> {
  try {
    await connection.query(`SELECT * FROM ${identifier(database, table)} LIMIT 0`);
    return [];
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ER_TABLEACCESS_DENIED_ERROR' && code !== 'ER_COLUMNACCESS_DENIED_ERROR')
      throw error;
    return [
      {
        ...(await absent(connection, database, table)),
        message: `table ${database}.${table} may not be read by us`,
      },
    ];
  }
}

function notATable(kind: string, database: string, table: string): Problem {
  return {
    severity: 'error',
    subject: `${database}.${table}`,
    message: `${database}.${table} is a ${kind.toLowerCase()}, must be a table: nothing else is in the binlog`,
    remedy: `SHOW CREATE VIEW ${identifier(database, table)}; -- then name its table in the setting table`,
  };
}

function engineProblems(engine: string | null, database: string, table: string): Problem[] {
  if (engine?.toLowerCase() === 'innodb') return [];
  return [
    {
      severity: 'error',
      subject: `${database}.${table}`,
      message: `the engine of ${database}.${table} is ${engine}, must be InnoDB: others do not roll back`,
      remedy: `ALTER TABLE ${identifier(database, table)} ENGINE = InnoDB;`,
    },
  ];
}

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);

/** Ids say which rows were captured: each row has one, it only grows, and it is never used again. */
function keyProblems(columns: readonly TableColumn[], database: string, table: string): Problem[] {
  const key = columns.filter((column) => column.primaryKey);
  const [id] = key;
  const good =
    key.length === 1 &&
    id?.name.toLowerCase() === 'id' &&
    INTEGERS.has(id.dataType) &&
    id.autoIncrement;
  if (good) return [];
  const seen =
    key.length === 0
      ? 'no primary key'
      : `the primary key (${key.map(({ name, type, autoIncrement }) => `${name} ${type}${autoIncrement ? ' auto_increment' : ''}`).join(', ')})`;
  const drop = key.length === 0 ? '' : 'DROP PRIMARY KEY, ';
  const change = columns.some((column) => column.name.toLowerCase() === 'id') ? 'MODIFY' : 'ADD';
  return [
    {
      severity: 'error',
      subject: `${database}.${table}`,
      message: `${database}.${table} has ${seen}, must have one integer AUTO_INCREMENT column named id`,
      remedy: `ALTER TABLE ${identifier(database, table)} ${drop}${change} id bigint unsigned NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (id);`,
    },
  ];
}
