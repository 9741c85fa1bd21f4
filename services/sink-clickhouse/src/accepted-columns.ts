import { type Column, COLUMNS } from './columns.ts';

/** A column as the server describes it. */
export interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly default_kind: string;
  readonly default_expression: string;
}

type Accepted = Pick<Column, 'input' | 'convert' | 'holds' | 'loses'>;

const FLOAT32_MAX = 3.4028234663852886e38;

/**
 * What would become infinite fails like any value that does not fit: 256 is no UInt8. A sum with the
 * check, instead of a condition, would lose the sign of -0.
 */
const float32 = (name: string): Accepted => ({
  input: 'Float64',
  convert: `if(accurateCast(isInfinite(toFloat32(${name})) * 256, 'UInt8') = 0, toFloat32(${name}), 0)`,
  holds: [-FLOAT32_MAX, FLOAT32_MAX],
  loses: 'digits beyond the seventh',
});

/** The types of the archiver's table that are not ours, and how a row's value gets into them. */
const ACCEPTED: Readonly<Record<string, Readonly<Record<string, Accepted>>>> = {
  dt: { Date: { convert: "toDate(fromUnixTimestamp64Micro(ts, 'UTC'))" } },
  monitor_id: {
    UInt32: {
      input: 'Nullable(Int64)',
      convert: "accurateCast(ifNull(monitor_id, 0), 'UInt32')",
      holds: [0, 2 ** 32 - 1],
      loses: 'NULL, which becomes 0',
    },
  },
  ts: {
    DateTime: {
      input: 'Int64',
      // The column's zone is for showing it: what is stored are seconds since 1970.
      convert: "toDateTime(accurateCast(intDiv(ts, 1000000), 'UInt32'), 'UTC')",
      holds: [0, 2 ** 32 * 1_000_000 - 1],
      loses: 'fractions of a second',
    },
  },
  score: { Float32: float32('score') },
  step: { Float32: float32('step') },
  rtt: {
    'Nullable(UInt32)': {
      input: 'Nullable(Int32)',
      convert: "accurateCast(rtt, 'Nullable(UInt32)')",
      holds: [0, 2 ** 31 - 1],
    },
  },
};

/** Our column as another table has it: into which its values are converted; null where that is not known. */
export function acceptedColumn(column: Column, found: ColumnRow): Column | null {
  const type = /^DateTime\('.*'\)$/.test(found.type) ? 'DateTime' : found.type;
  const accepted = ACCEPTED[column.name]?.[type];
  // The day is given, so that a default of the table's does not matter.
  const givenAnyway = column.name === 'dt' && found.default_kind === 'DEFAULT';
  if (accepted === undefined || (found.default_kind !== '' && !givenAnyway)) return null;
  return { name: column.name, type: found.type, ...accepted };
}

/** Whether the column is as this sink makes it. */
export function isAsMade(column: Column, found: ColumnRow): boolean {
  return found.type === column.type && found.default_expression === (column.default ?? '');
}

/** A column that keeps less than its field has, so that comparisons of bytes leave it out, by name. */
export interface LossyColumn {
  readonly name: string;
  readonly type: string;
  readonly loses: string;
}

/** Of columns as a table has them (see `acceptedColumn`). */
export function lossyColumns(columns: readonly Column[]): LossyColumn[] {
  return columns.flatMap(({ name, type, loses }) => (loses ? [{ name, type, loses }] : []));
}

/** Of a table as `system.columns` describes it, for whoever compares its rows with others. */
export function lossyColumnsOf(found: readonly ColumnRow[]): LossyColumn[] {
  return lossyColumns(
    COLUMNS.flatMap((column) => {
      const own = found.find(({ name }) => name === column.name);
      return own ? (acceptedColumn(column, own) ?? []) : [];
    }),
  );
}
