import { type ColumnExtent, extentOf } from './column-extent.ts';
import type { FieldTypes } from './column-types.ts';
import { type KeptColumn, keptColumn, notKept } from './kept-types.ts';
import {
  FAMILY_NAMES,
  FAMILY_TYPES,
  MYSQL,
  TEXT_CHARSETS,
  type TypeCode,
  typeName,
} from './mysql-types.ts';
import { fieldsOf, type TopicVersion, VERSION_1 } from './topic-version.ts';

/** A column as the binlog's table map describes it (binlog_row_metadata=FULL). */
export interface Column {
  readonly name: string;
  readonly type: TypeCode;
  readonly unsigned: boolean;
  /** Null for what is no text, and for binary strings. */
  readonly charset: string | null;
  /** Of the type: fraction digits of a time, bytes of the length before a text. */
  readonly decimals: number;
  readonly lengthBytes: number;
  /** Of a column that is passed over: how far it reaches in a row image. */
  readonly omitted?: ColumnExtent | undefined;
  /** Of a column whose values go into `extra`; null where these cannot be kept. */
  readonly kept?: KeptColumn | null | undefined;
}

/** What is done about a column that the LogScore schema has no field for. */
export type UnknownColumns = 'stop' | 'omit' | 'keep';

/** An entry of zongji's `tableMap`. */
export interface TableMapEntry {
  readonly columns: readonly {
    readonly name: string;
    readonly charset: string | null;
    readonly type: number;
    readonly metadata?: Readonly<Record<string, number>> | undefined;
  }[];
  readonly columnSchemas: readonly {
    readonly UNSIGNED?: boolean;
    readonly ENUM_VALUES?: readonly string[];
    readonly SET_VALUES?: readonly string[];
  }[];
}

/** The columns of a table, in the order of its row images. */
export function columnsOf(
  entry: TableMapEntry,
  unknown: UnknownColumns = 'stop',
  version: TopicVersion = VERSION_1,
): Column[] {
  return entry.columns.map(({ name, charset, type, metadata = {} }, index) => {
    const {
      UNSIGNED: unsigned = false,
      ENUM_VALUES,
      SET_VALUES,
    } = entry.columnSchemas[index] ?? {};
    const column = { name, type, unsigned, charset };
    return {
      ...column,
      decimals: metadata['decimals'] ?? 0,
      lengthBytes: lengthBytes(type, metadata),
      ...(unknown === 'omit' && !isKnown(name, version) && omission(type, metadata)),
      ...(unknown === 'keep' &&
        !isKnown(name, version) && {
          kept: keptColumn(column, metadata, ENUM_VALUES ?? SET_VALUES),
        }),
    };
  });
}

function omission(type: TypeCode, metadata: Readonly<Record<string, number>>) {
  const omitted = extentOf(type, metadata);
  return omitted === null ? {} : { omitted };
}

function lengthBytes(type: number, metadata: Readonly<Record<string, number>>): number {
  if (type === MYSQL.BLOB) return metadata['length_size'] ?? 0;
  if (type === MYSQL.VARCHAR || type === MYSQL.STRING) {
    return (metadata['max_length'] ?? 0) > 255 ? 2 : 1;
  }
  return 0;
}

type Fields = ReadonlyMap<string, FieldTypes>;

/** Those that are made of a column, by its name. */
function columnFields(version: TopicVersion): Fields {
  const fields = fieldsOf(version).filter(({ family }) => family !== null);
  return new Map(fields.map((field) => [field.field, field]));
}

/** Whether the record has a field for a column of that name. */
export function isKnown(name: string, version: TopicVersion = VERSION_1): boolean {
  return columnFields(version).has(name);
}

/** What stands between a table and the LogScore schema, as sentences; empty when it fits. */
export function checkColumns(
  columns: readonly Column[],
  version: TopicVersion = VERSION_1,
): string[] {
  const fields = columnFields(version);
  const seen = new Set(columns.map((column) => column.name));
  const missing = [...fields.values()]
    .filter(({ field, optional }) => !optional && !seen.has(field))
    .map(({ field, mysql }) => `column ${field} is missing; accepted is ${mysql}`);
  return [
    ...columns.flatMap((column) => problemWith(column, fields) ?? []),
    ...missing,
    ...renamed(columns, seen, fields),
  ];
}

/** A column that may be lacking is null in the record: but not while it may be there by another name. */
function renamed(columns: readonly Column[], seen: ReadonlySet<string>, fields: Fields): string[] {
  const others = columns.flatMap(({ name, omitted, kept }) => (omitted || kept ? [name] : []));
  if (others.length === 0) return [];
  return [...fields.values()]
    .filter(({ field, optional }) => optional && !seen.has(field))
    .map(
      ({ field }) => `column ${field} is missing, and may be what is now ${others.join(' or ')}`,
    );
}

/** Those of the columns that a table may lack. */
export function optionalOf(
  columns: readonly { readonly name: string }[],
  version: TopicVersion = VERSION_1,
): string[] {
  const fields = columnFields(version);
  return columns.flatMap(({ name }) => (fields.get(name)?.optional === true ? [name] : []));
}

/**
 * The same as `checkColumns`, of a table that is known to have had columns which others lack: a row
 * without one would have NULL there, and nothing would tell.
 */
export function checkDropped(
  columns: readonly { readonly name: string }[],
  had: readonly string[],
): string[] {
  const seen = new Set(columns.map(({ name }) => name));
  return had
    .filter((name) => !seen.has(name))
    .map((name) => `column ${name} is missing, and was there before`);
}

function problemWith(column: Column, fields: Fields): string | null {
  const { name, type, charset, omitted, kept } = column;
  if (omitted || kept) return null;
  if (kept === null) return notKept(column, refusal(name, type));
  const family = fields.get(name)?.family;
  if (!family) return `column ${name} (${typeName(column)}) is not in the LogScore schema`;
  const seen = `column ${name} is ${typeName(column)}`;
  const accepted = `accepted is ${FAMILY_NAMES[family]}`;
  const reason = refusal(name, type);
  if (reason !== null) return `${seen}, ${reason}; ${accepted}`;
  if (!FAMILY_TYPES[family].includes(type)) return `${seen}; ${accepted}`;
  if (family !== 'text' || TEXT_CHARSETS.includes(charset ?? 'binary')) return null;
  return `${seen} with character set ${charset ?? 'binary'}; ${accepted}`;
}

/** Types that look right in SQL and are stored in a way of their own. */
function refusal(name: string, type: TypeCode): string | null {
  switch (type) {
    case MYSQL.JSON:
      return `stored in MySQL's binary form, which does not keep the text (ALTER TABLE ... MODIFY ${name} longtext)`;
    case MYSQL.BLOB_COMPRESSED:
    case MYSQL.VARCHAR_COMPRESSED:
      return `stored compressed (ALTER TABLE ... MODIFY ${name} without COMPRESSED)`;
    case MYSQL.DATETIME:
    case MYSQL.TIMESTAMP:
      return 'stored as before MySQL 5.6 (ALTER TABLE ... FORCE rewrites it)';
    default:
      return null;
  }
}
