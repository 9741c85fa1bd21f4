import { COLUMN_TYPES, type FieldTypes } from '@scoreline/schema';

import type { TableName } from './load-jobs.ts';

/** A column as BigQuery's API has it. Without a mode it is NULLABLE. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly Field[];
}

/** What is known of a column: `bigquery` is its type; one of pairs, as SQL writes it, is what a map becomes. */
export type ColumnSource = Pick<FieldTypes, 'bigquery' | 'nullable'> & { readonly field: string };

export function fieldOf({ field, bigquery, nullable }: ColumnSource): Field {
  if (/\b(?:STRUCT|RECORD)\b/.test(bigquery)) {
    const fields = ['key', 'value'].map((name) => ({ name, type: 'STRING', mode: 'NULLABLE' }));
    return { name: field, type: 'RECORD', mode: 'REPEATED', fields };
  }
  return { name: field, type: bigquery, mode: nullable ? 'NULLABLE' : 'REQUIRED' };
}

/** The table's columns. Their names are the Avro fields'. */
export const FIELDS: readonly Field[] = COLUMN_TYPES.map(fieldOf);

/** `project.dataset.table`, quoted. */
export function quoted({ project, dataset, table }: TableName): string {
  return `\`${project}.${dataset}.${table}\``;
}

/** What to do about a table that is there. */
export interface SchemaPlan {
  /** The columns as they should become; null when nothing has to change. */
  readonly change: readonly Field[] | null;
  /** What changes, for the log. */
  readonly changes: readonly string[];
  /** What no change of ours can mend, and the SQL that can. */
  readonly problems: readonly string[];
  readonly remedies: readonly string[];
}

/** Columns that are lacking are added and those that must not be null are relaxed; types stay as they are. */
export function planSchema(
  name: TableName,
  found: readonly Field[],
  wanted: readonly Field[] = FIELDS,
): SchemaPlan {
  const changes: string[] = [];
  const problems: string[] = [];
  const conversions: string[] = [];
  const remedies: string[] = [];
  const alter = `ALTER TABLE ${quoted(name)}`;
  const fields = found.map((field): Field => {
    const want = find(wanted, field.name);
    const mode = modeOf(field);
    if (want === undefined) {
      if (mode !== 'REQUIRED') return field;
      problems.push(`its column ${field.name} is unknown here, and REQUIRED`);
      remedies.push(`${alter} ALTER COLUMN ${field.name} DROP NOT NULL;`);
      return field;
    }
    if (!isSameType(field, want)) {
      problems.push(`its column ${field.name} is ${describe(field)} and must be ${describe(want)}`);
      conversions.push(conversion(field, want));
      return field;
    }
    if (mode !== 'REQUIRED' || modeOf(want) === 'REQUIRED') return field;
    changes.push(`${field.name} may be null`);
    return { ...field, mode: 'NULLABLE' };
  });
  for (const want of wanted) {
    if (find(found, want.name) !== undefined) continue;
    if (modeOf(want) === 'REQUIRED') {
      problems.push(`it has no column ${want.name}`);
      remedies.push(`Name another table, or dataset, and let this sink create it.`);
      continue;
    }
    changes.push(`${want.name} is added`);
    fields.push(want);
  }
  if (conversions.length > 0) remedies.unshift(...conversionSql(name, conversions));
  const isChange = problems.length === 0 && changes.length > 0;
  return { change: isChange ? fields : null, changes, problems, remedies };
}

/** The columns that a load job writes, as they are in the table: BigQuery compares the modes. */
export function loadedFields(
  found: readonly Field[],
  wanted: readonly Field[] = FIELDS,
): readonly Field[] {
  return wanted.flatMap(({ name }) => find(found, name) ?? []);
}

/** Of these, the ones that records of a writer schema have: a version from before lacks the others, which are NULL then. */
export function fieldsIn(schemaJson: string, fields: readonly Field[]): readonly Field[] {
  const schema = JSON.parse(schemaJson) as { readonly fields: readonly { name: string }[] };
  return fields.filter(({ name }) => find(schema.fields as readonly Field[], name) !== undefined);
}

function find(fields: readonly Field[], name: string): Field | undefined {
  return fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
}

function modeOf({ mode = 'NULLABLE' }: Field): string {
  return mode === '' ? 'NULLABLE' : mode;
}

/** Standard SQL's names for the same types. */
const SYNONYMS: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
};

function typeOf({ type }: Field): string {
  const upper = type.toUpperCase();
  return SYNONYMS[upper] ?? upper;
}

function isSameType(one: Field, other: Field): boolean {
  const isRepeated = (field: Field) => modeOf(field) === 'REPEATED';
  if (typeOf(one) !== typeOf(other) || isRepeated(one) !== isRepeated(other)) return false;
  return (other.fields ?? []).every((field) => {
    const same = find(one.fields ?? [], field.name);
    return same !== undefined && isSameType(same, field);
  });
}

function describe(field: Field): string {
  return modeOf(field) === 'REPEATED' ? `REPEATED ${typeOf(field)}` : typeOf(field);
}

const SQL_NAMES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
};

function conversion(field: Field, want: Field): string {
  const { name } = field;
  const type = typeOf(want);
  if (type === 'TIMESTAMP' && typeOf(field) === 'INTEGER') {
    // Loaded without logical types. Whatever the unit was, the size of the numbers tells it.
    return `CASE WHEN ${name} < 100000000000 THEN TIMESTAMP_SECONDS(${name}) WHEN ${name} < 100000000000000 THEN TIMESTAMP_MILLIS(${name}) ELSE TIMESTAMP_MICROS(${name}) END AS ${name}`;
  }
  return `CAST(${name} AS ${SQL_NAMES[type] ?? type}) AS ${name}`;
}

/** A column keeps its type for life: the rows move to another table, which then takes the name. */
function conversionSql(name: TableName, conversions: readonly string[]): string[] {
  const { table } = name;
  const next = quoted({ ...name, table: `${table}_converted` });
  return [
    `CREATE TABLE ${next} PARTITION BY DATE(ts) CLUSTER BY server_id, monitor_id AS SELECT * REPLACE (${conversions.join(', ')}) FROM ${quoted(name)};`,
    `ALTER TABLE ${quoted(name)} RENAME TO ${table}_before;`,
    `ALTER TABLE ${next} RENAME TO ${table};`,
  ];
}
