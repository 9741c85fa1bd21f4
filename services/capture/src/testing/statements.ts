import type { Connection } from 'mysql2/promise';

import type { SqlServerName } from './source-database.ts';

interface Statements {
  readonly only?: SqlServerName;
  readonly sql: readonly string[];
}

const OTHERS: readonly Statements[] = [
  {
    sql: [
      'CREATE TABLE other (id int PRIMARY KEY AUTO_INCREMENT, a int, KEY (a)) ENGINE=InnoDB',
      'CREATE TABLE child (id int, FOREIGN KEY (id) REFERENCES other (id) ON DELETE CASCADE) ENGINE=InnoDB',
      'INSERT INTO other (a) VALUES (1), (2), (3)',
      'INSERT INTO child VALUES (1), (2)',
      'CREATE TABLE copy AS SELECT * FROM other',
      'UPDATE other JOIN copy USING (id) SET other.a = 9, copy.a = 8',
      'DELETE FROM other WHERE id = 1',
      'REPLACE INTO other VALUES (3, 7)',
      'ALTER TABLE other ADD COLUMN b text, ADD INDEX b (b(10))',
      'CREATE VIEW seen AS SELECT * FROM log_scores',
      'CREATE PROCEDURE noop() BEGIN INSERT INTO other (a) VALUES (5); END',
      'CALL noop()',
      'CREATE TRIGGER t BEFORE INSERT ON copy FOR EACH ROW SET NEW.a = 1',
      'INSERT INTO copy VALUES (50, 50)',
      'CREATE TEMPORARY TABLE scratch (a int)',
      'INSERT INTO scratch VALUES (1)',
      'DROP TEMPORARY TABLE scratch',
      'BEGIN',
      'INSERT INTO other (a) VALUES (21)',
      'SAVEPOINT x',
      'INSERT INTO other (a) VALUES (22)',
      'ROLLBACK TO x',
      'RELEASE SAVEPOINT x',
      'COMMIT',
      'BEGIN',
      'INSERT INTO other (a) VALUES (23)',
      'ROLLBACK',
      "XA START 'one'",
      'INSERT INTO other (a) VALUES (31)',
      "XA END 'one'",
      "XA PREPARE 'one'",
      "XA COMMIT 'one'",
      "XA START 'two'",
      'INSERT INTO other (a) VALUES (32)',
      "XA END 'two'",
      "XA PREPARE 'two'",
      "XA ROLLBACK 'two'",
      "XA START 'three'",
      'INSERT INTO other (a) VALUES (33)',
      "XA END 'three'",
      "XA COMMIT 'three' ONE PHASE",
      'FLUSH BINARY LOGS',
      'ANALYZE TABLE other',
      'OPTIMIZE TABLE copy',
      'FLUSH TABLES',
      'RENAME TABLE copy TO copy2',
      'TRUNCATE TABLE copy2',
      'DROP TABLE copy2, child',
      'ALTER TABLE log_scores COMMENT "the same columns"',
      'ALTER TABLE log_scores AUTO_INCREMENT = 1000',
    ],
  },
  {
    only: 'mariadb',
    sql: [
      'CREATE SEQUENCE seq',
      'SELECT NEXTVAL(seq)',
      'CREATE TABLE aria (a int) ENGINE=Aria',
      'INSERT INTO aria VALUES (1), (2)',
      'BEGIN',
      'INSERT INTO aria VALUES (3)',
      'INSERT INTO other (a) VALUES (41)',
      'ROLLBACK',
      'CREATE OR REPLACE TABLE aria (b int)',
      'SET SESSION gtid_domain_id = 7',
      'INSERT INTO other (a) VALUES (42)',
      'SET SESSION gtid_domain_id = 0',
      "SET STATEMENT binlog_format = 'STATEMENT' FOR DELETE FROM other WHERE a = 42",
    ],
  },
  {
    only: 'mysql',
    sql: [
      'CREATE TABLE blobs (a longblob, b longblob)',
      // Larger than a packet of the protocol, 16 MB.
      "INSERT INTO blobs VALUES (REPEAT('x', 9000000), REPEAT('y', 9000000))",
      'SET SESSION binlog_rows_query_log_events = ON',
      'INSERT INTO other (a) VALUES (51)',
      'SET SESSION binlog_rows_query_log_events = OFF',
    ],
  },
];

/** What servers are asked to do that is none of the captured table's business. */
export function otherStatements(server: SqlServerName): string[] {
  return OTHERS.filter(({ only }) => only === undefined || only === server).flatMap(
    ({ sql }) => sql,
  );
}

const ROW = "INSERT INTO log_scores (server_id, ts) VALUES (1, '2025-11-21 12:00:00')";

export interface Forbidden {
  readonly code: string;
  readonly sql: readonly string[];
  readonly only?: SqlServerName;
  /** Rows among them that are published before. */
  readonly published?: number;
}

/**
 * What a session may do to the captured table, and capture cannot follow. Not among them is what would
 * stop every capture of the server, such as an incident.
 */
export const FORBIDDEN: readonly Forbidden[] = [
  {
    code: 'xa-group',
    sql: ["XA START 'x'", ROW, "XA END 'x'", "XA PREPARE 'x'", "XA ROLLBACK 'x'"],
  },
  { code: 'row-image', sql: ["SET SESSION binlog_row_image = 'MINIMAL'", ROW] },
  { code: 'row-updated', sql: [ROW, 'TRUNCATE TABLE log_scores'], published: 1 },
  {
    code: 'statement-format',
    sql: ["SET SESSION binlog_format = 'STATEMENT'", ROW],
    only: 'mariadb',
  },
];

export async function runAll(connection: Connection, statements: readonly string[]): Promise<void> {
  for (const sql of statements) {
    await connection.query(sql).catch((cause: unknown) => {
      throw new Error(`${sql}: ${String(cause)}`, { cause });
    });
  }
}
