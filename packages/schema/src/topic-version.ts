import { COLUMN_TYPES, type FieldTypes } from './column-types.ts';
import { LOG_SCORE_V1, LOG_SCORE_V1_JSON } from './log-score.ts';
import { FAMILY_NAMES } from './mysql-types.ts';

/** A column that a version has beside those of version 1: nullable, and lacking in tables from before. */
export interface AddedColumn {
  readonly name: string;
  readonly family: 'number' | 'integer';
}

/**
 * What the records of one topic are: those of version 1, with a field at their end for each column that
 * was added since. So what a record of any version begins with is a record of version 1.
 */
export interface TopicVersion {
  /** `log_scores-v<number>` */
  readonly number: number;
  readonly added: readonly AddedColumn[];
  /** The writer schema, as it is registered and written into containers. */
  readonly json: string;
}

/** Versions that a release knows, each with the columns of those before it, and some of its own. */
export type Catalog = readonly [TopicVersion, ...TopicVersion[]];

export const VERSION_1: TopicVersion = { number: 1, added: [], json: LOG_SCORE_V1_JSON };

/** What this release publishes and lands. */
export const RELEASED: Catalog = [VERSION_1];

/** The version behind another one. */
export function nextVersion(
  before: TopicVersion,
  columns: readonly [AddedColumn, ...AddedColumn[]],
): TopicVersion {
  const added = [...before.added, ...columns];
  const fields = added.map(({ name, family }) => ({
    name,
    type: ['null', AVRO[family]],
    default: null,
  }));
  const json = JSON.stringify({ ...LOG_SCORE_V1, fields: [...LOG_SCORE_V1.fields, ...fields] });
  return { number: before.number + 1, added, json };
}

/** The newest has every column of the others. */
export function newest(catalog: Catalog): TopicVersion {
  return catalog.at(-1)!;
}

/** Every field of a version's records, in their order. */
export function fieldsOf({ added }: TopicVersion): readonly FieldTypes[] {
  return [...COLUMN_TYPES, ...added.map(fieldOf)];
}

const AVRO = { number: 'double', integer: 'long' } as const;

const TYPES = {
  number: { avro: 'null | double', clickhouse: 'Nullable(Float64)', bigquery: 'FLOAT' },
  integer: { avro: 'null | long', clickhouse: 'Nullable(Int64)', bigquery: 'INTEGER' },
} as const;

function fieldOf({ name, family }: AddedColumn): FieldTypes {
  const mysql = FAMILY_NAMES[family];
  return {
    field: name,
    from: 'column',
    family,
    mysql,
    ...TYPES[family],
    nullable: true,
    optional: true,
  };
}
