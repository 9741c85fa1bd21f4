import { dumps } from './dumps.ts';
import { query } from './mysql.ts';

/** Ends the session that holds a lock of GET_LOCK, as a network that is cut would. Returns its id. */
export async function killLockHolder(dsn: string, lock: string): Promise<number> {
  const [holder] = await query<{ id: number | null }>(dsn, `SELECT IS_USED_LOCK('${lock}') AS id`);
  if (!holder?.id) throw new Error(`nobody holds the lock ${lock}`);
  await query(dsn, `KILL ${holder.id}`);
  return holder.id;
}

/** Ends every binlog stream. */
export async function killDumps(dsn: string): Promise<void> {
  const sessions = await dumps(dsn);
  if (sessions.length === 0) throw new Error('nobody reads the binlog');
  for (const id of sessions) await query(dsn, `KILL ${id}`);
}
