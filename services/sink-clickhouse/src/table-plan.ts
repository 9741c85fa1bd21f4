import { acceptedColumn, type ColumnRow, isAsMade } from './accepted-columns.ts';
import { type Column, COLUMNS } from './columns.ts';
import { FIRST_COLUMNS, type Migration } from './migrations.ts';
import { quoted } from './statements.ts';
import type { TableFacts } from './table-facts.ts';
import { tableSettings } from './table-settings.ts';

const TS_TYPE = COLUMNS.find(({ name }) => name === 'ts')?.type;

export interface PlanOptions {
  /** What the table is to have, and how it comes by it. */
  readonly wanted: readonly Column[];
  readonly migrations: readonly Migration[];
  /** Takes a table that others have made, as far as it can. */
  readonly migrate: boolean;
  readonly acceptUnsynced: boolean;
  /** Which migrations the table is recorded to have had. */
  readonly records: readonly Migration[];
}

/** What stands between a table and landing in it. */
export interface TablePlan {
  /** The table's columns, as rows go into them. */
  readonly columns: readonly Column[];
  /** What this sink may do by itself: `ADD COLUMN ...`, `MODIFY SETTING ...`. Repeating it does nothing. */
  readonly changes: readonly string[];
  /** What it may not, in words, and what an operator would do: `DROP COLUMN ...`. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly what: string;
  readonly remedy: string;
}

/**
 * Decides about a table. What this sink has made it extends by itself; what others have made it changes
 * only when told to, and only by adding. A column that its record says was there, and is not, is not
 * added again: its values are gone.
 */
export function planTable(facts: TableFacts, options: PlanOptions): TablePlan {
  const columns: Column[] = [];
  const changes: string[] = [];
  const problems: Problem[] = [];
  const own = isOwn(facts, options.records);
  for (const column of options.wanted) {
    const found = facts.columns.find(({ name }) => name === column.name);
    if (found === undefined) {
      const made = options.records.find((record) => record.columns.includes(column.name));
      const mayAdd = !made && (options.migrate || (own && isLater(column, options.migrations)));
      columns.push(column);
      if (mayAdd) changes.push(`ADD COLUMN IF NOT EXISTS ${definition(column)}`);
      else problems.push(missing(column, made));
    } else {
      const kept = asFound(column, found, facts, options.migrate);
      columns.push(kept ?? column);
      if (!kept) {
        problems.push({
          what: `its column ${describe(found)} must be ${definition(column)}`,
          remedy: `MODIFY COLUMN ${definition(column)}`,
        });
      }
    }
  }
  problems.push(...strangers(facts.columns, options));
  for (const { name, value, least, syncs, why } of tableSettings(facts.replica !== null)) {
    const now = facts.settings.get(name);
    if ((now ?? 0) >= least || (syncs && options.acceptUnsynced)) continue;
    const change = `MODIFY SETTING ${name} = ${value}`;
    if (options.migrate) changes.push(change);
    else
      problems.push({ what: `its setting ${name} is ${now ?? 'unknown'}: ${why}`, remedy: change });
  }
  return { columns, changes, problems };
}

/** How rows go into a column that is there; null when they may not. */
function asFound(
  column: Column,
  found: ColumnRow,
  { columns }: TableFacts,
  migrate: boolean,
): Column | null {
  // The day that a DateTime's default makes is of the server's zone, and is looked for in UTC.
  const isDayOfOtherTs =
    column.name === 'dt' && columns.some(({ name, type }) => name === 'ts' && type !== TS_TYPE);
  if (isAsMade(column, found) && !(migrate && isDayOfOtherTs)) return column;
  return migrate ? acceptedColumn(column, found) : null;
}

/** Made by this sink: by its record, or because it is what a version that kept none has made. */
export function isOwn(facts: TableFacts, records: readonly Migration[]): boolean {
  if (records.length > 0) return true;
  return (
    facts.partitionKey === 'dt' &&
    facts.sortingKey === 'server_id, ts' &&
    FIRST_COLUMNS.every((column) =>
      facts.columns.some((found) => found.name === column.name && isAsMade(column, found)),
    ) &&
    tableSettings(facts.replica !== null).every(
      ({ name, value }) => facts.settings.get(name) === value,
    )
  );
}

function isLater({ name }: Column, migrations: readonly Migration[]): boolean {
  return migrations.some(({ number, columns }) => number > 0 && columns.includes(name));
}

function missing(column: Column, made: Migration | undefined): Problem {
  const was = made
    ? `, which it was given (migration ${made.number}): somebody has dropped it, with its values`
    : '';
  return {
    what: `it has no column ${column.name}${was}`,
    remedy: `ADD COLUMN ${definition(column)}`,
  };
}

/** Columns of which nothing is known here, not even that a later version has added them. */
function strangers(
  found: readonly ColumnRow[],
  { wanted, records }: Pick<PlanOptions, 'wanted' | 'records'>,
): Problem[] {
  return found
    .filter(
      ({ name, default_kind: kind }) =>
        kind === '' &&
        wanted.every((column) => column.name !== name) &&
        records.every(({ columns }) => !columns.includes(name)),
    )
    .map(({ name }) => ({
      what: `its column ${name} is unknown here and has no default`,
      remedy: `DROP COLUMN ${quoted(name)}`,
    }));
}

/** As in CREATE TABLE. */
export function definition({ name, type, default: value }: Column): string {
  return `${quoted(name)} ${type}${value === undefined ? '' : ` DEFAULT ${value}`}`;
}

function describe({ name, type, default_kind, default_expression }: ColumnRow): string {
  return `${quoted(name)} ${type}${default_kind && ` ${default_kind} ${default_expression}`}`;
}
