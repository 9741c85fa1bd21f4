import type { LogScoreField } from './log-score.ts';
import { FAMILY_NAMES, type Family } from './mysql-types.ts';

/** One field on its whole way: the sinks make their tables from this, and the docs their page. */
export interface FieldTypes {
  readonly field: string;
  /** The column it is read from, a key of the JSON in `attributes`, or whatever columns are left. */
  readonly from: 'column' | 'attributes' | 'others';
  /** What the column may be. */
  readonly family: Family | null;
  /** Column types taken, or the JSON value and its range. */
  readonly mysql: string;
  readonly avro: string;
  readonly clickhouse: string;
  readonly bigquery: string;
  readonly nullable: boolean;
  /** Old tables may lack the column; it is null then. */
  readonly optional: boolean;
}

type Names = Pick<FieldTypes, 'avro' | 'clickhouse' | 'bigquery'>;

function column(
  field: LogScoreField,
  family: Family,
  { nullable = false, optional = false, ...names }: Names & Partial<FieldTypes>,
): FieldTypes {
  const mysql = FAMILY_NAMES[family];
  return { field, from: 'column', family, mysql, nullable, optional, ...names };
}

function key(field: LogScoreField, mysql: string, names: Names): FieldTypes {
  return {
    field,
    from: 'attributes',
    family: null,
    mysql,
    nullable: true,
    optional: true,
    ...names,
  };
}

const BYTE = 'integer from 0 to 255';
const ID = 'integer from 0 to 2^53 - 2';

/** In the order of the Avro record. */
export const COLUMN_TYPES: readonly FieldTypes[] = [
  column('id', 'id', { avro: 'long', clickhouse: 'UInt64', bigquery: 'INTEGER' }),
  column('server_id', 'integer', { avro: 'long', clickhouse: 'UInt32', bigquery: 'INTEGER' }),
  column('monitor_id', 'integer', {
    avro: 'null | long',
    clickhouse: 'Nullable(UInt32)',
    bigquery: 'INTEGER',
    nullable: true,
  }),
  column('ts', 'time', {
    avro: 'long (timestamp-micros)',
    clickhouse: "DateTime64(6, 'UTC')",
    bigquery: 'TIMESTAMP',
  }),
  column('score', 'number', { avro: 'double', clickhouse: 'Float64', bigquery: 'FLOAT' }),
  column('step', 'number', { avro: 'double', clickhouse: 'Float64', bigquery: 'FLOAT' }),
  column('offset', 'number', {
    avro: 'null | double',
    clickhouse: 'Nullable(Float64)',
    bigquery: 'FLOAT',
    nullable: true,
  }),
  column('rtt', 'integer', {
    avro: 'null | int',
    clickhouse: 'Nullable(Int32)',
    bigquery: 'INTEGER',
    nullable: true,
    optional: true,
  }),
  key('leap', BYTE, {
    avro: 'null | int',
    clickhouse: 'Nullable(UInt8)',
    bigquery: 'INTEGER',
  }),
  key('stratum', BYTE, {
    avro: 'null | int',
    clickhouse: 'Nullable(UInt8)',
    bigquery: 'INTEGER',
  }),
  key('no_response', 'boolean', {
    avro: 'null | boolean',
    clickhouse: 'Nullable(Bool)',
    bigquery: 'BOOLEAN',
  }),
  key('error', 'string', {
    avro: 'null | string',
    clickhouse: 'Nullable(String)',
    bigquery: 'STRING',
  }),
  key('warning', 'string', {
    avro: 'null | string',
    clickhouse: 'Nullable(String)',
    bigquery: 'STRING',
  }),
  key('from_ls_id', ID, {
    avro: 'null | long',
    clickhouse: 'Nullable(UInt64)',
    bigquery: 'INTEGER',
  }),
  key('from_ss_id', ID, {
    avro: 'null | long',
    clickhouse: 'Nullable(UInt64)',
    bigquery: 'INTEGER',
  }),
  column('attributes', 'text', {
    avro: 'null | string',
    clickhouse: 'Nullable(String)',
    bigquery: 'STRING',
    nullable: true,
    optional: true,
  }),
  {
    field: 'extra',
    from: 'others',
    family: null,
    mysql: 'every other column, by its name (unknown_columns=keep)',
    avro: 'map<string>',
    clickhouse: 'Map(String, String)',
    // What a load makes of an Avro map.
    bigquery: 'ARRAY<STRUCT<key STRING, value STRING>>',
    nullable: false,
    optional: true,
  },
];
