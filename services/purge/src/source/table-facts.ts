import {
  type ServerIdentity,
  type Source,
  type TableColumn,
  tableColumns,
} from '@scoreline/database';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { type ForeignKey, keysTo } from './foreign-keys.ts';

/** What statements of the purge are made from, as the server told it once. */
export interface Facts {
  readonly identity: ServerIdentity;
  /** All that the table has, in its order. */
  readonly columns: readonly TableColumn[];
  readonly tsKind: 'timestamp' | 'datetime';
  /** A row that one of these points to stays. */
  readonly references: readonly ForeignKey[];
  /** What must still be so when rows are deleted. */
  readonly shape: Shape;
}

/** What decides about a deletion and an ALTER of this table, or of another one, changes. */
export interface Shape {
  readonly columns: readonly TableColumn[];
  readonly keys: readonly ForeignKey[];
  /** By name: those that run when a row is deleted. */
  readonly triggers: readonly string[];
}

type Table = Pick<Source, 'database' | 'table'>;

export async function shapeOf(
  connection: Connection,
  flavour: ServerIdentity['flavour'],
  table: Table,
): Promise<Shape> {
  return {
    columns: await tableColumns(connection, table),
    keys: await keysTo(connection, flavour, table),
    triggers: await deleteTriggers(connection, table),
  };
}

/** Needs the TRIGGER privilege: without it there seem to be none. */
async function deleteTriggers(
  connection: Connection,
  { database, table }: Table,
): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT TRIGGER_NAME AS name, EVENT_MANIPULATION AS event FROM information_schema.TRIGGERS
     WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME`,
    [database, table],
  );
  return rows
    .filter((row) => String(row['event']).toUpperCase().includes('DELETE'))
    .map((row) => String(row['name']));
}

export async function factsOf(
  connection: Connection,
  identity: ServerIdentity,
  table: Table,
): Promise<Facts> {
  const shape = await shapeOf(connection, identity.flavour, table);
  const ts = shape.columns.find(({ name }) => name.toLowerCase() === 'ts');
  return {
    identity,
    columns: shape.columns,
    tsKind: ts?.dataType === 'timestamp' ? 'timestamp' : 'datetime',
    references: shape.keys,
    shape,
  };
}
