import { sqlTokens, type Token } from './sql-tokens.ts';

export interface TableName {
  readonly database: string;
  readonly table: string;
}

/** What a Query event says, as far as the captured table is concerned. */
export type Statement =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'xa-start' | 'xa-outcome' }
  | { readonly kind: 'savepoint' | 'rollback-to' | 'release'; readonly name: string }
  /** Changes rows, by statement instead of by row. */
  | { readonly kind: 'write'; readonly suspect: boolean }
  /** Removes rows of the captured table without naming them. */
  | { readonly kind: 'erase'; readonly what: string }
  | { readonly kind: 'other' };

const OTHER: Statement = { kind: 'other' };
/** Enough to know what kind of statement it is; rows by the thousand may follow. */
const HEAD = 64;

/**
 * Reads a Query event's text.
 *
 * @param schema the default database that the statement ran in.
 * @param ours the captured table.
 */
export function readStatement(sql: string, schema: string, ours: TableName): Statement {
  const tokens = sqlTokens(sql, HEAD);
  const word = (index: number): string => upper(tokens[index]);
  switch (word(0)) {
    case 'BEGIN':
      return { kind: 'begin' };
    case 'START':
      return word(1) === 'TRANSACTION' ? { kind: 'begin' } : OTHER;
    case 'COMMIT':
      return { kind: 'commit' };
    case 'SAVEPOINT':
      return { kind: 'savepoint', name: savepointName(tokens[1]) };
    case 'RELEASE':
      return { kind: 'release', name: savepointName(tokens[2]) };
    case 'ROLLBACK': {
      const to = tokens.findIndex((_, index) => word(index) === 'TO');
      if (to < 0) return { kind: 'rollback' };
      const name = word(to + 1) === 'SAVEPOINT' ? tokens[to + 2] : tokens[to + 1];
      return { kind: 'rollback-to', name: savepointName(name) };
    }
    case 'XA':
      return readXa(word(1));
    case 'CREATE':
      return readCreate(tokens, schema, ours);
    case 'TRUNCATE': {
      const at = word(1) === 'TABLE' ? 2 : 1;
      return isOurs(tokens, at, schema, ours) ? { kind: 'erase', what: 'TRUNCATE' } : OTHER;
    }
    case 'DROP':
      return readDrop(sqlTokens(sql), schema, ours);
    case 'ALTER':
      return readAlter(sqlTokens(sql), schema, ours);
    case 'INSERT':
    case 'REPLACE':
    case 'UPDATE':
    case 'DELETE':
    case 'LOAD':
    case 'CALL':
    case 'DO':
    case 'SELECT':
    case 'WITH':
      return { kind: 'write', suspect: isSuspect(tokens, sql, schema, ours) };
    default:
      return OTHER;
  }
}

function readXa(verb: string): Statement {
  if (verb === 'START' || verb === 'BEGIN') return { kind: 'xa-start' };
  return verb === 'COMMIT' || verb === 'ROLLBACK' ? { kind: 'xa-outcome' } : OTHER;
}

function readCreate(tokens: readonly Token[], schema: string, ours: TableName): Statement {
  const replaces = upper(tokens[1]) === 'OR' && upper(tokens[2]) === 'REPLACE';
  // A temporary table hides the captured one from its own session only.
  if (!replaces || upper(tokens[3]) !== 'TABLE' || !isOurs(tokens, 4, schema, ours)) return OTHER;
  return { kind: 'erase', what: 'CREATE OR REPLACE TABLE' };
}

function readDrop(tokens: readonly Token[], schema: string, ours: TableName): Statement {
  const what = upper(tokens[1]);
  if (what === 'DATABASE' || what === 'SCHEMA') {
    const at = upper(tokens[2]) === 'IF' ? 4 : 2;
    return same(tokens[at]?.text, ours.database) ? { kind: 'erase', what: `DROP ${what}` } : OTHER;
  }
  if (what !== 'TABLE' && what !== 'TABLES') return OTHER;
  let at = upper(tokens[2]) === 'IF' ? 4 : 2;
  while (at < tokens.length) {
    if (isOurs(tokens, at, schema, ours)) return { kind: 'erase', what: 'DROP TABLE' };
    const comma = tokens.findIndex((token, index) => index >= at && token.text === ',');
    if (comma < 0) break;
    at = comma + 1;
  }
  return OTHER;
}

function readAlter(tokens: readonly Token[], schema: string, ours: TableName): Statement {
  const table = tokens.findIndex((token) => upper(token) === 'TABLE');
  const at = upper(tokens[table + 1]) === 'IF' ? table + 3 : table + 1;
  if (table < 0 || !isOurs(tokens, at, schema, ours)) return OTHER;
  const erases = tokens.some(
    (token, index) =>
      upper(tokens[index + 1]) === 'PARTITION' &&
      ['DROP', 'TRUNCATE', 'EXCHANGE', 'CONVERT'].includes(upper(token)),
  );
  return erases ? { kind: 'erase', what: 'ALTER TABLE ... PARTITION' } : OTHER;
}

/**
 * Whether a statement may write the captured table. One that only reads it, as checksum tools do, and
 * one that empties another table (servers log that for tables in memory) do not.
 */
function isSuspect(
  tokens: readonly Token[],
  sql: string,
  schema: string,
  ours: TableName,
): boolean {
  const at = targetOf(tokens);
  if (at < 0) return same(schema, ours.database) || mentions(sql, ours);
  if (isOurs(tokens, at, schema, ours)) return true;
  // Its triggers are in the target's database, and what they write is not in the statement.
  const database = tokens[at + 1]?.text === '.' ? tokens[at]!.text : schema;
  return upper(tokens[0]) !== 'DELETE' && same(database, ours.database);
}

/** Index of the one table that a statement writes, -1 where it could be several, or any. */
function targetOf(tokens: readonly Token[]): number {
  const first = upper(tokens[0]);
  const index = (word: string): number => tokens.findIndex((token) => upper(token) === word);
  switch (first) {
    case 'INSERT':
    case 'REPLACE':
      return index('INTO') < 0 ? -1 : index('INTO') + 1;
    case 'LOAD':
      return index('TABLE') < 0 ? -1 : index('TABLE') + 1;
    case 'DELETE':
      return upper(tokens[1]) === 'FROM' && index('USING') < 0 && index('JOIN') < 0 ? 2 : -1;
    default:
      return -1;
  }
}

function isOurs(tokens: readonly Token[], at: number, schema: string, ours: TableName): boolean {
  const qualified = tokens[at + 1]?.text === '.';
  const database = qualified ? tokens[at]?.text : schema;
  const table = qualified ? tokens[at + 2]?.text : tokens[at]?.text;
  return same(database, ours.database) && same(table, ours.table);
}

function mentions(sql: string, { table }: TableName): boolean {
  return sql.toLowerCase().includes(table.toLowerCase());
}

/** Servers differ in whether names differ by case: what could be the captured table is taken for it. */
function same(name: string | undefined, other: string): boolean {
  return name?.toLowerCase() === other.toLowerCase();
}

function savepointName(token: Token | undefined): string {
  return token?.text.toLowerCase() ?? '';
}

function upper(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : '';
}
