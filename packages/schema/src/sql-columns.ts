import { checkColumns, type Column, isKnown, type UnknownColumns } from './columns.ts';
import { keptKind } from './kept-types.ts';
import { MYSQL, type TypeCode } from './mysql-types.ts';
import { type TopicVersion, VERSION_1 } from './topic-version.ts';

/** A column as information_schema describes it. */
export interface SqlColumn {
  readonly name: string;
  /** Lower case, without length and sign: `bigint`, `datetime`. */
  readonly dataType: string;
  /** Lower case, with all that belongs to it: in a comment MariaDB says here that it is compressed. */
  readonly type?: string;
  readonly unsigned: boolean;
  /** Of a text; without it, a text is taken to be utf8mb4. */
  readonly charset?: string | null;
}

/**
 * What stands between a table as SQL sees it and the LogScore schema, as sentences: so that it is said
 * before anything is captured. The table maps of the binlog are checked all the same, which know more:
 * character sets, old formats of time.
 */
export function checkTable(
  columns: readonly SqlColumn[],
  unknown: UnknownColumns = 'stop',
  version: TopicVersion = VERSION_1,
): string[] {
  return checkColumns(
    columns.map((column) => asColumn(column, unknown, version)),
    version,
  );
}

/** SQL says nothing of row images. */
const NO_EXTENT = { bytes: 0, lengthBytes: 0 };

/** The column as its table map will describe it, but for lengths, decimals and labels. */
export function asColumn(
  { name, dataType, type = '', unsigned, charset }: SqlColumn,
  unknown: UnknownColumns = 'stop',
  version: TopicVersion = VERSION_1,
): Column {
  const column = {
    name,
    type: /\bcompressed\b/.test(type) ? compressed(dataType) : (CODES[dataType] ?? UNKNOWN),
    unsigned,
    charset: TEXTS.has(dataType) ? (charset ?? 'utf8mb4') : null,
    decimals: 0,
    lengthBytes: 0,
  };
  if (isKnown(name, version) || unknown === 'stop') return column;
  if (unknown === 'omit') return { ...column, omitted: NO_EXTENT };
  const kind = keptKind(column);
  const none = { extent: NO_EXTENT, precision: 0, decimals: 0, labels: [] };
  return { ...column, kept: kind === null ? null : { ...none, kind } };
}

/** Of MariaDB. */
function compressed(dataType: string): TypeCode {
  return CODES[dataType] === MYSQL.BLOB ? MYSQL.BLOB_COMPRESSED : MYSQL.VARCHAR_COMPRESSED;
}

const UNKNOWN: TypeCode = 255;

const TEXTS = new Set([
  'char',
  'varchar',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'enum',
  'set',
]);

const CODES: Readonly<Record<string, TypeCode>> = {
  tinyint: MYSQL.TINY,
  smallint: MYSQL.SHORT,
  mediumint: MYSQL.INT24,
  int: MYSQL.LONG,
  bigint: MYSQL.LONGLONG,
  float: MYSQL.FLOAT,
  double: MYSQL.DOUBLE,
  decimal: MYSQL.DECIMAL,
  datetime: MYSQL.DATETIME2,
  timestamp: MYSQL.TIMESTAMP2,
  date: MYSQL.DATE,
  time: MYSQL.TIME2,
  year: MYSQL.YEAR,
  bit: MYSQL.BIT,
  enum: MYSQL.ENUM,
  set: MYSQL.SET,
  json: MYSQL.JSON,
  char: MYSQL.STRING,
  binary: MYSQL.STRING,
  varchar: MYSQL.VARCHAR,
  varbinary: MYSQL.VARCHAR,
  tinytext: MYSQL.BLOB,
  text: MYSQL.BLOB,
  mediumtext: MYSQL.BLOB,
  longtext: MYSQL.BLOB,
  tinyblob: MYSQL.BLOB,
  blob: MYSQL.BLOB,
  mediumblob: MYSQL.BLOB,
  longblob: MYSQL.BLOB,
};
