/** The pool's table without its foreign keys: parents would only slow the loading down. */
export const TABLE_DDL = `CREATE TABLE log_scores (
  id bigint unsigned NOT NULL AUTO_INCREMENT,
  monitor_id int unsigned DEFAULT NULL,
  server_id int unsigned NOT NULL,
  ts datetime NOT NULL,
  score double NOT NULL DEFAULT '0',
  step double NOT NULL DEFAULT '0',
  \`offset\` double DEFAULT NULL,
  rtt mediumint DEFAULT NULL,
  attributes text,
  PRIMARY KEY (id),
  KEY log_scores_server_ts_idx (server_id, ts),
  KEY ts (ts)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`;

export const BULK_INSERT_ROWS = 10_000;

const COLUMNS = '(monitor_id, server_id, ts, score, step, `offset`, rtt, attributes)';
const SERVERS = 4_999;
const MONITORS = 97;

/** One insert of many rows: varied scores, offsets and times, a fifth of them with attributes. */
export function bulkInsert(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const seq = index + 1;
    const score = 20 - (seq % 30);
    const step = seq % 17 === 0 ? -5 : 1;
    const attributes = seq % 5 === 0 ? `'{"leap":1,"error":"i/o timeout"}'` : 'NULL';
    const ts = `NOW() + INTERVAL ${seq} SECOND`;
    return `(${1 + (seq % MONITORS)},${1 + (seq % SERVERS)},${ts},${score},${step},${(seq % 1000) / 1e5},${1000 + (seq % 90_000)},${attributes})`;
  });
  return `INSERT INTO log_scores ${COLUMNS} VALUES ${rows.join(',')}`;
}

/** Inserts of one row each, to be committed one by one. */
export function singleInserts(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const seq = from + index;
    return `INSERT INTO log_scores ${COLUMNS} VALUES (${1 + (seq % MONITORS)},${1 + (seq % SERVERS)},NOW(),19.5,1,0.00123,20111,NULL)`;
  }).join(';');
}
