import { createConnection, type ResultSetHeader } from 'mysql2/promise';

import { parseDsn } from '../harness/mysql.ts';

export interface InsertOptions {
  /** How long ago they were measured; longer than any retention unless given. */
  readonly ageDays?: number;
  /** The first one's id, the others follow; the next free ones unless given. */
  readonly from?: number;
  /** Of all of them, as SQL. */
  readonly attributes?: string;
  /** Not into the binlog: as a restored dump, or a careless administrator. */
  readonly unlogged?: boolean;
}

/** What `exclude` keeps out of the topic. */
export const EXCLUDED = `'{"excluded":1}'`;
const OLD_DAYS = 40;
const DAY_MINUTES = 24 * 60;
/** NULL, what the record has fields for, and what it keeps as text. */
const ATTRIBUTES = [
  'NULL',
  `'{"leap":1}'`,
  `'{"no_response":true,"error":"i/o timeout"}'`,
  `'odd'`,
];

/** Rows of many values in one transaction. Resolves to their ids. */
export async function insertRows(
  adminDsn: string,
  count: number,
  { ageDays = OLD_DAYS, from, attributes, unlogged = false }: InsertOptions = {},
): Promise<number[]> {
  const rows = Array.from({ length: count }, (_, n) => {
    const id = from === undefined ? 'NULL' : String(from + n);
    const text = attributes ?? ATTRIBUTES[n % ATTRIBUTES.length];
    const offset = n % 5 === 0 ? 'NULL' : `${n} / 99991e0`;
    return `(${id}, ${1 + (n % 18)}, ${1 + (n % 400)}, UTC_TIMESTAMP() - INTERVAL ${Math.round(ageDays * DAY_MINUTES)} MINUTE,
      20 - ${n} / 7e0, 1e0, ${offset}, ${1000 + n}, ${text})`;
  });
  const connection = await createConnection(parseDsn(adminDsn));
  try {
    if (unlogged) await connection.query('SET SESSION sql_log_bin = 0');
    const [{ insertId }] = await connection.query<ResultSetHeader>(
      `INSERT INTO log_scores (id, monitor_id, server_id, ts, score, step, \`offset\`, rtt, attributes)
       VALUES ${rows.join(', ')}`,
    );
    const first = from ?? insertId;
    return rows.map((_, n) => first + n);
  } finally {
    await connection.end();
  }
}
