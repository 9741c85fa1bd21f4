import { query } from './mysql.ts';

/** Sessions of a server that read its binlog. */
export async function dumps(dsn: string): Promise<readonly number[]> {
  const found = await query<{ id: number }>(
    dsn,
    "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%' ORDER BY id",
  );
  return found.map(({ id }) => id);
}
