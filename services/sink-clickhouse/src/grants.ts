import type { ClickHouseClient } from '@clickhouse/client';

import type { Column } from './columns.ts';
import { isInserted, quoted } from './statements.ts';

/**
 * Does, without doing anything, what a sink does much later: after a crash, or when its first row comes.
 * What the user may not is refused at the start, while somebody looks on.
 */
export async function tryGrants(
  client: ClickHouseClient,
  table: string,
  columns: readonly Column[],
): Promise<void> {
  const inserted = columns.filter(isInserted);
  const names = inserted.map(({ name }) => quoted(name)).join(', ');
  const values = inserted.map(
    ({ type }) => `defaultValueOfTypeName('${type.replaceAll("'", "\\'")}')`,
  );
  for (const query of [
    'SELECT query_id FROM system.processes LIMIT 0',
    `SELECT dt, id FROM ${table} LIMIT 0`,
    `INSERT INTO ${table} (${names}) SELECT ${values.join(', ')} WHERE 0`,
  ]) {
    await client.command({ query });
  }
}
