import { type Catalog, fieldsOf, newest, VERSION_1 } from '@scoreline/schema';

/** How one field of LogScore becomes a column. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** What the Avro field is read as, wide enough for every value; absent when the column has no field. */
  readonly input?: string | undefined;
  /**
   * Makes the column's value of the field's; fails rather than wraps. The same value when absent. A
   * column with neither is not inserted: its default makes it.
   */
  readonly convert?: string | undefined;
  readonly default?: string;
  /** What the column holds of the field's values, where that is less than all. */
  readonly holds?: readonly [min: number, max: number] | undefined;
  /** What of the field's values the column does not keep, in words; absent when it keeps all. */
  readonly loses?: string;
}

interface Conversion {
  readonly input: string;
  readonly convert: (name: string, type: string) => string;
  readonly holds: readonly [min: number, max: number];
}

/** Fails for what does not fit, where an ordinary conversion would wrap. */
const fitting = (name: string, type: string) => `accurateCast(${name}, '${type}')`;

/** Column types that hold less than the Avro field. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  UInt8: { input: 'Int32', convert: fitting, holds: [0, 255] },
  UInt32: { input: 'Int64', convert: fitting, holds: [0, 2 ** 32 - 1] },
  UInt64: { input: 'Int64', convert: fitting, holds: [0, Number.MAX_SAFE_INTEGER] },
  "DateTime64(6, 'UTC')": {
    input: 'Int64',
    convert: (name) => `fromUnixTimestamp64Micro(${name}, 'UTC')`,
    // Microseconds. The day is a Date, which ends with 2149-06-06, and wraps silently beyond.
    holds: [0, 5_662_310_400_000_000 - 1],
  },
};

function columnOf(name: string, version = VERSION_1): Column {
  const type = fieldsOf(version).find(({ field }) => field === name)?.clickhouse;
  if (type === undefined) throw new Error(`LogScore has no field ${name}`);
  const inner = /^Nullable\((.*)\)$/.exec(type)?.[1];
  const conversion = CONVERSIONS[inner ?? type];
  if (conversion === undefined) return { name, type, input: type };
  const { input, convert, holds } = conversion;
  return {
    name,
    type,
    input: inner === undefined ? input : `Nullable(${input})`,
    convert: convert(name, type),
    holds,
  };
}

/** In the order of the archiver's table. */
const ORDER = [
  'id',
  'monitor_id',
  'server_id',
  'ts',
  'score',
  'step',
  'offset',
  'rtt',
  'leap',
  'stratum',
  'no_response',
  'warning',
  'error',
  'from_ls_id',
  'from_ss_id',
  'attributes',
  'extra',
];

/** The table's columns in version 1. Their names are the Avro fields'. */
export const COLUMNS: readonly Column[] = [
  { name: 'dt', type: 'Date', default: 'toDate(ts)' },
  ...ORDER.map((name) => columnOf(name)),
];

/** With those that later versions have added. */
export function columnsFor(catalog: Catalog): readonly Column[] {
  const version = newest(catalog);
  return [...COLUMNS, ...version.added.map(({ name }) => columnOf(name, version))];
}
