import type { LoadedRange } from '@scoreline/landing';
import { PoisonError } from '@scoreline/service';
import avsc from 'avsc';

import type { Column } from './columns.ts';

/** A ts beyond a Date's days is not refused by ClickHouse: the day wraps. So it is asked here. */
export function checkDays(range: LoadedRange, columns: readonly Column[]): void {
  const [min, max] = columns.find(({ name }) => name === 'ts')?.holds ?? [0, 0];
  if (range.minTs < min || range.maxTs > max) {
    throw misfit(range, columns, 'ts does not fit a Date');
  }
}

/**
 * The error for a range that ClickHouse did not convert, naming the first row and column that do not
 * fit, of those that were inserted. Decodes the rows, which nothing else does.
 */
export function misfit(
  range: LoadedRange,
  columns: readonly Column[],
  said: string,
  { cause, inserted = range.ids.keys() }: { cause?: unknown; inserted?: Iterable<number> } = {},
): PoisonError {
  const type = avsc.Type.forSchema(JSON.parse(range.schema) as avsc.Schema);
  for (const row of inserted) {
    const values = type.fromBuffer(range.datum(row)) as Readonly<Record<string, unknown>>;
    for (const { name, type: columnType, holds } of columns) {
      const value = values[name];
      if (holds === undefined || typeof value !== 'number') continue;
      if (value >= holds[0] && value <= holds[1]) continue;
      return poison(
        range,
        `the row with id ${range.ids[row]} has ${name} = ${value}, which the column's type ${columnType} cannot hold`,
        { row, cause },
      );
    }
  }
  return poison(range, `ClickHouse could not convert a value (${said})`, { cause });
}

function poison(
  range: LoadedRange,
  what: string,
  { row, cause }: { readonly row?: number; readonly cause: unknown },
): PoisonError {
  const { topic, partition, first, last } = range;
  return new PoisonError(`${what}; ${topic}[${partition}] offsets ${first} to ${last}`, {
    code: 'value-does-not-fit',
    row,
    remedy:
      'Nothing of these offsets was landed. Widen the column, or set on_poison=quarantine to go on without the row; and report it: the schema should not let it pass.',
    cause,
  });
}
