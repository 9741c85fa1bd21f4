import { connect, parseAddress } from './database.ts';
import { makePool } from './pool.ts';
import { seedStatements, TABLES } from './schema.ts';

/** One pool for all traffic, whatever its seed. */
export const POOL = makePool(1);

/**
 * Creates the DSN's database, its tables, servers and monitors, where they are not there yet.
 * The account needs the rights to.
 */
export async function createSchema(dsn: string): Promise<void> {
  const { database } = parseAddress(dsn);
  const connection = await connect(dsn, false);
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${database}`);
    await connection.query(`USE ${database}`);
    for (const statement of [...TABLES, ...seedStatements(POOL)]) await connection.query(statement);
  } finally {
    await connection.end();
  }
}
