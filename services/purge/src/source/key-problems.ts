import { identifier, type Problem } from '@scoreline/database';
import type { Connection } from 'mysql2/promise';

import type { ForeignKey } from './foreign-keys.ts';
import type { Facts } from './table-facts.ts';

/**
 * A row that another one points to is kept, so each key must point to the id, hold rows fast, and be one that
 * we may look up: a key that cascades would delete rows that nobody has archived.
 */
export async function keyProblems(
  connection: Connection,
  { references }: Facts,
  account: string,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const key of references) {
    const problem = wrong(key) ?? (await unreadable(connection, key, account));
    if (problem) problems.push({ severity: 'error', ...problem });
  }
  return problems;
}

const UNREADABLE = new Set([
  'ER_BAD_DB_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_NO_SUCH_TABLE',
  'ER_TABLEACCESS_DENIED_ERROR',
]);

type Said = Omit<Problem, 'severity'>;

function wrong({ name, schema, table, column, onDelete }: ForeignKey): Said | null {
  const child = `${schema}.${table}`;
  const drop = `ALTER TABLE ${identifier(schema, table)} DROP FOREIGN KEY ${identifier(name)};`;
  if (onDelete !== 'restrict') {
    return {
      subject: child,
      message: `the foreign key ${name} of ${child} is ON DELETE ${onDelete.toUpperCase()}: rows of it would be changed with ours`,
      remedy: `${drop} -- and add it again without ON DELETE`,
    };
  }
  if (column !== null) return null;
  return {
    subject: child,
    message: `the foreign key ${name} of ${child} does not point to the id: which rows it holds is not looked up`,
    remedy: drop,
  };
}

async function unreadable(
  connection: Connection,
  { schema, table, column }: ForeignKey,
  account: string,
): Promise<Said | null> {
  try {
    await connection.query(
      `SELECT ${identifier(column!)} FROM ${identifier(schema, table)} LIMIT 0`,
    );
    return null;
  } catch (error) {
    if (!UNREADABLE.has((error as { code?: string }).code ?? '')) throw error;
    return {
      subject: `${schema}.${table}`,
      message: `${schema}.${table} points here, and ${account} may not read which rows it means`,
      remedy: `GRANT SELECT ON ${identifier(schema, table)} TO ${account};`,
    };
  }
}
