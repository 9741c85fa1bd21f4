import { createConnection } from 'mysql2';

import { parseAddress } from '../../traffic/database.ts';
import type { Row } from './row.ts';
import { readSide, type Side } from './side.ts';
import { typedAttributes } from './typed-attributes.ts';

export interface MysqlSideOptions {
  /** `user:password@tcp(host:port)/database` */
  readonly dsn: string;
  readonly table?: string;
}

/** The order of the SELECT below. Doubles arrive as the server holds them: the protocol of prepared statements is binary. */
type Columns = readonly [
  id: number | string,
  serverId: number,
  monitorId: number | null,
  tsUs: number | string,
  score: number,
  step: number,
  offset: number | null,
  rtt: number | null,
  attributes: string | null,
];

/** The truth, over a connection of its own: a table without columns that the record has no field for. */
export function readMysqlSide({ dsn, table = 'log_scores' }: MysqlSideOptions): Promise<Side> {
  // The difference of two datetimes does not depend on any time zone.
  const sql = `SELECT id, server_id, monitor_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ts), score, step, \`offset\`, rtt, attributes FROM ${table}`;
  return readSide('MySQL', (visit) =>
    select(dsn, sql, (columns) => visit(rowOf(columns), () => '')),
  );
}

function rowOf(columns: Columns): Row {
  const [id, serverId, monitorId, tsUs, score, step, offset, rtt, attributes] = columns;
  return {
    id: safe(id),
    serverId,
    monitorId,
    tsUs: safe(tsUs),
    score,
    step,
    offset,
    rtt,
    ...typedAttributes(attributes),
    attributes,
    extra: [],
  };
}

/** mysql2 gives what a double cannot hold as text. */
function safe(value: number | string): number {
  if (typeof value === 'string') throw new Error(`${value} is above 2^53`);
  return value;
}

function select(dsn: string, sql: string, visit: (columns: Columns) => void): Promise<void> {
  const { host, port, user, password, database } = parseAddress(dsn);
  const connection = createConnection({
    host,
    port,
    user,
    password,
    database,
    charset: 'utf8mb4',
    rowsAsArray: true,
    supportBigNumbers: true,
  });
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    const query = connection.execute(sql);
    query.on('result', (columns) => {
      try {
        visit(columns as unknown as Columns);
      } catch (error) {
        connection.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    query.on('error', (error) => {
      connection.destroy();
      reject(error);
    });
    query.on('end', () => {
      connection.end();
      resolve();
    });
  });
}
