import type { LoadedRange } from '@scoreline/landing';
import { COLUMN_TYPES, LOG_SCORE_V1 } from '@scoreline/schema';
import avsc from 'avsc';

const TYPE = avsc.Type.forSchema(LOG_SCORE_V1 as unknown as avsc.Schema);

/** In the order of the record. */
export const COLUMNS = COLUMN_TYPES.map(({ field, avro }) => ({
  name: field,
  type: columnType(avro),
}));

/** A range in InfluxDB's line protocol: `table name=value,... microseconds`. NULL is what is not said. */
export function linesOf(table: string, range: LoadedRange): string {
  let lines = '';
  for (let index = 0; index < range.rows; index++) {
    const row = TYPE.fromBuffer(range.datum(index)) as Record<string, unknown>;
    let before = `${table} `;
    for (const { name, type } of COLUMNS) {
      const value = row[name];
      if (value === null || type === 'TIMESTAMP') continue;
      lines += `${before}${name}=${TEXT[type](value)}`;
      before = ',';
    }
    lines += ` ${String(row['ts'])}\n`;
  }
  return lines;
}

const TEXT = {
  LONG: (value: unknown) => `${Number(value)}i`,
  DOUBLE: (value: unknown) => (Object.is(value, -0) ? '-0.0' : String(value)),
  VARCHAR: (value: unknown) =>
    `"${(typeof value === 'string' ? value : JSON.stringify(value)).replace(/["\\\n\r]/g, '\\$&')}"`,
};

function columnType(avro: string): keyof typeof TEXT | 'TIMESTAMP' {
  if (avro.includes('timestamp')) return 'TIMESTAMP';
  if (avro.includes('double')) return 'DOUBLE';
  if (avro.includes('string')) return 'VARCHAR';
  // INT keeps its smallest value for NULL, and BOOLEAN has none.
  return 'LONG';
}
