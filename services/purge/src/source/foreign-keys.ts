import { identifier, type ServerIdentity, type Source } from '@scoreline/database';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** A foreign key of another table, or of this one, that points to the table. */
export interface ForeignKey {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** The column that holds our id; null when the key points to other columns only. */
  readonly column: string | null;
  readonly onDelete: 'restrict' | 'cascade' | 'set null';
}

/** Bits of InnoDB's own flags. */
const CASCADE = 1;
const SET_NULL = 2;

const LISTS = {
  mariadb: ['INNODB_SYS_FOREIGN', 'INNODB_SYS_FOREIGN_COLS'],
  mysql: ['INNODB_FOREIGN', 'INNODB_FOREIGN_COLS'],
} as const;

/**
 * Every key that points to the table, as InnoDB itself knows it; needs the PROCESS privilege. The standard
 * views leave out keys of tables that we may not see, and MariaDB's those that we may only read: a row would
 * cascade unseen.
 */
export async function keysTo(
  connection: Connection,
  flavour: ServerIdentity['flavour'],
  { database, table }: Pick<Source, 'database' | 'table'>,
): Promise<ForeignKey[]> {
  const [keys, columns] = LISTS[flavour];
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT k.FOR_NAME AS child, k.ID AS id, k.TYPE AS flags, c.FOR_COL_NAME AS col, c.REF_COL_NAME AS referenced
     FROM information_schema.${keys} AS k JOIN information_schema.${columns} AS c ON c.ID = k.ID
     WHERE LOWER(k.REF_NAME) IN (LOWER(?), LOWER(?)) ORDER BY k.ID, c.POS`,
    [`${database}/${table}`, `${fileName(database)}/${fileName(table)}`],
  );
  const found = new Map<string, ForeignKey>();
  for (const row of rows) {
    const id = String(row['id']);
    const isId = String(row['referenced']).toLowerCase() === 'id';
    found.set(id, {
      name: id.slice(id.indexOf('/') + 1),
      ...tableOf(String(row['child'])),
      column: isId ? String(row['col']) : (found.get(id)?.column ?? null),
      onDelete: onDelete(Number(row['flags'])),
    });
  }
  return [...found.values()];
}

function onDelete(flags: number): ForeignKey['onDelete'] {
  if ((flags & CASCADE) !== 0) return 'cascade';
  return (flags & SET_NULL) === 0 ? 'restrict' : 'set null';
}

/** Of the ids from `first` to `last`: those that another row points to now. */
export async function referencedIds(
  connection: Connection,
  keys: readonly ForeignKey[],
  first: number,
  last: number,
): Promise<Set<number>> {
  const found = new Set<number>();
  for (const { schema, table, column } of keys) {
    const name = identifier(column!);
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT DISTINCT ${name} AS id FROM ${identifier(schema, table)} WHERE ${name} BETWEEN ${first} AND ${last}`,
    );
    for (const row of rows) found.add(Number(row['id']));
  }
  return found;
}

/** Names are files to MariaDB's InnoDB: what is no letter, digit or underscore is written as `@` and its code. */
function fileName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, (one) => `@${code(one)}`);
}

function tableOf(file: string): { schema: string; table: string } {
  const [schema = '', table = ''] = file
    .split('/')
    .map((name) =>
      name.replaceAll(/@([\da-f]{4})/g, (_, hex: string) =>
        String.fromCodePoint(Number.parseInt(hex, 16)),
      ),
    );
  return { schema, table };
}

function code(character: string): string {
  return character.codePointAt(0)!.toString(16).padStart(4, '0');
}
