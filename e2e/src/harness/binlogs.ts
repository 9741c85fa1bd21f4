import { until } from '@scoreline/testing';

import { dumps } from './dumps.ts';
import { query } from './mysql.ts';

/** Numbers the files of a binlog as their names do. */
function fileNumber(name: string): number {
  return Number(name.slice(name.lastIndexOf('.') + 1));
}

/**
 * Purges the binlog past a file, as an operator or an expiry would. A server keeps what a replica still
 * reads, and one that was killed stays connected until the server notices: that is waited for.
 */
export async function purgePast(dsn: string, file: string): Promise<void> {
  await until(async () => (await dumps(dsn)).length === 0, { what: 'the end of the last replica' });
  await until(
    async () => {
      await query(dsn, 'FLUSH BINARY LOGS');
      const files = await query<{ Log_name: string }>(dsn, 'SHOW BINARY LOGS');
      await query(dsn, `PURGE BINARY LOGS TO '${files.at(-1)!.Log_name}'`);
      const [oldest] = await query<{ Log_name: string }>(dsn, 'SHOW BINARY LOGS');
      return fileNumber(oldest!.Log_name) > fileNumber(file);
    },
    { what: `the purge of ${file}` },
  );
}
