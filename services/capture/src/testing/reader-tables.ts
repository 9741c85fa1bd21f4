import type { TestContext } from 'node:test';

import type { UnknownColumns } from '@scoreline/schema';
import fc from 'fast-check';
import type { Connection } from 'mysql2/promise';

import type { SqlServerName } from './source-database.ts';

export interface Layout {
  readonly what: string;
  readonly sql: string;
  readonly utcOffsetMinutes: number;
  readonly only?: SqlServerName;
  readonly unknownColumns?: UnknownColumns;
}

const POOL = `(
  id bigint unsigned NOT NULL AUTO_INCREMENT, monitor_id int unsigned DEFAULT NULL,
  server_id int unsigned NOT NULL, ts datetime NOT NULL, score double NOT NULL DEFAULT 0,
  step double NOT NULL DEFAULT 0, \`offset\` double DEFAULT NULL, rtt mediumint DEFAULT NULL,
  attributes text, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`;

const OTHER = `(
  attributes char(250) CHARACTER SET latin1, rtt smallint DEFAULT NULL, \`offset\` float DEFAULT NULL,
  step float NOT NULL, score double NOT NULL, ts TYPE NOT NULL, server_id int NOT NULL,
  monitor_id mediumint unsigned DEFAULT NULL, id bigint NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)
  ) ENGINE=InnoDB`;

/** Every type that a column may have which is passed over, with values that differ from row to row. */
const OTHERS = [
  'first_tiny tinyint unsigned DEFAULT 3',
  'bits bit(13) DEFAULT 5',
  "letters char(20) CHARACTER SET utf8mb4 DEFAULT 'abc'",
  'blob_of blob DEFAULT (REPEAT("x", FLOOR(RAND() * 900)))',
  "many longtext DEFAULT (REPEAT('y', FLOOR(RAND() * 70000)))",
  'small smallint',
  'medium mediumint DEFAULT -5',
  'long_of int DEFAULT 7',
  'big bigint unsigned DEFAULT 18446744073709551615',
  'real_of float DEFAULT 1.5',
  'double_of double DEFAULT 2.5',
  'price decimal(20, 7) DEFAULT -1234567.1234567',
  "day date DEFAULT '2026-01-31'",
  "clock time(3) DEFAULT '12:34:56.789'",
  "wide datetime(6) DEFAULT '2026-01-31 12:00:00.123456'",
  'stamp timestamp(1) NULL DEFAULT NULL',
  'year_of year DEFAULT 2026',
  "choice enum('a', 'b') DEFAULT 'b'",
  "choices set('a', 'b', 'c') DEFAULT 'a,c'",
  "short varchar(50) DEFAULT (REPEAT('v', FLOOR(RAND() * 50)))",
  "longer varchar(900) CHARACTER SET latin1 DEFAULT (REPEAT('w', FLOOR(RAND() * 900)))",
  'fixed binary(16) DEFAULT (REPEAT("z", 9))',
  'document json DEFAULT (JSON_ARRAY(RAND(), RAND()))',
  'sum_of int AS (long_of + 1) VIRTUAL',
  'sum_kept bigint AS (long_of + 2) STORED',
  'unseen int INVISIBLE DEFAULT 9',
  'place geometry DEFAULT (POINT(1, 2))',
];

/** Types that only this server has. */
const MARIADB_OTHERS = [
  'own_uuid uuid DEFAULT UUID()',
  "net_of inet6 DEFAULT '2001:db8::1'",
  "old_net inet4 DEFAULT '192.0.2.1'",
  "packed text COMPRESSED DEFAULT (REPEAT('p', FLOOR(RAND() * 900)))",
  "packed_short varchar(300) COMPRESSED DEFAULT (REPEAT('q', FLOOR(RAND() * 300)))",
];

/** Every type that a column may have which is kept. */
const KEPT = [
  'tiny tinyint DEFAULT (FLOOR(RAND() * 200) - 100)',
  'small smallint unsigned DEFAULT 65535',
  'medium mediumint DEFAULT -8388608',
  'filled mediumint unsigned ZEROFILL DEFAULT 7',
  'nothing int DEFAULT NULL',
  'big bigint DEFAULT (FLOOR(RAND() * 1e15) - 5e14)',
  'largest bigint unsigned DEFAULT 18446744073709551615',
  'real_of float DEFAULT (RAND() * 100)',
  'double_of double DEFAULT (RAND() / 3)',
  'price decimal(30, 7) DEFAULT (RAND() * 1e12 - 5e11)',
  'filled_price decimal(12, 2) unsigned ZEROFILL DEFAULT 1.5',
  'fraction decimal(5, 5) DEFAULT -0.00001',
  'bits bit(13) DEFAULT 4101',
  "all_bits bit(64) DEFAULT b'1000000000000000000000000000000000000000000000000000000000000001'",
  "letters char(20) CHARACTER SET latin1 DEFAULT 'süß '",
  "many longtext CHARACTER SET utf8mb4 DEFAULT (REPEAT('süß', FLOOR(RAND() * 300)))",
  "short varchar(50) CHARACTER SET utf8mb4 DEFAULT '😀 a'",
  "longer varchar(900) CHARACTER SET latin1 DEFAULT (REPEAT('€ü', FLOOR(RAND() * 400)))",
  "`it's a ``name``` varchar(9) CHARACTER SET ascii DEFAULT ''",
  "blob_of blob DEFAULT (UNHEX(CONCAT('00FF', LPAD(FLOOR(RAND() * 1e6), 6, '0'))))",
  "bytes_of varbinary(30) DEFAULT (UNHEX(CONCAT(LPAD(FLOOR(RAND() * 1e6), 6, '0'), '0000')))",
  "day date DEFAULT '2026-01-31'",
  "clock time(3) DEFAULT '-12:34:56.789'",
  "wide datetime(6) DEFAULT '2026-01-31 12:00:00.123456'",
  'stamp timestamp(1) NULL DEFAULT NULL',
  'stamp6 timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6)',
  'year_of year DEFAULT 2026',
  "choice enum('a', 'für €') CHARACTER SET latin1 DEFAULT 'für €'",
  "choices set('a', 'ü', 'c') CHARACTER SET utf8mb4 DEFAULT 'a,ü'",
  'sum_of int AS (tiny + 1) VIRTUAL',
  'sum_kept bigint AS (tiny + 2) STORED',
  'unseen int INVISIBLE DEFAULT 9',
];

/** The pool's table with other columns before, between and behind its own. */
const AMONG_OTHERS = POOL.replace('(', `(${OTHERS.slice(0, 8).join(', ')}, `)
  .replace('attributes text', `${OTHERS.slice(8, 14).join(', ')}, attributes text`)
  .replace(', PRIMARY', `, ${OTHERS.slice(14).join(', ')}, PRIMARY`);

const AMONG_KEPT = POOL.replace('(', `(${KEPT.slice(0, 8).join(', ')}, `)
  .replace('attributes text', `${KEPT.slice(8, 16).join(', ')}, attributes text`)
  .replace(', PRIMARY', `, ${KEPT.slice(16).join(', ')}, PRIMARY`);

/** Tables as they may be; the generated rows fit each of them. */
export const LAYOUTS: readonly Layout[] = [
  { what: "the pool's", sql: POOL, utcOffsetMinutes: 0 },
  { what: "the pool's among other columns", sql: AMONG_OTHERS, utcOffsetMinutes: 0 },
  {
    what: 'columns that only MariaDB has',
    only: 'mariadb',
    sql: POOL.replace('(', `(${MARIADB_OTHERS.join(', ')}, `),
    utcOffsetMinutes: 0,
  },
  {
    what: "the pool's among columns that are kept",
    sql: AMONG_KEPT,
    utcOffsetMinutes: 330,
    unknownColumns: 'keep',
  },
  {
    what: 'datetime(3), 5:30 ahead',
    sql: OTHER.replace('TYPE', 'datetime(3)'),
    utcOffsetMinutes: 330,
  },
  { what: 'timestamp(6)', sql: OTHER.replace('TYPE', 'timestamp(6)'), utcOffsetMinutes: 330 },
];

const ROWS = 300;
const COLUMNS = 'id, monitor_id, server_id, ts, score, step, `offset`, rtt, attributes';

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyFloat = fc.float({
  noNaN: true,
  noDefaultInfinity: true,
  min: -(2 ** 127),
  max: 2 ** 127,
});
const anyText = fc.oneof(
  fc.json({ maxDepth: 2 }).filter((text) => text.length < 200),
  fc.constantFrom(
    '',
    ' ',
    '{}',
    '{"leap":1}',
    '{"leap":1} ',
    '{"leap":1,"stratum":2,"no_response":true,"error":"a-\\u003eb"}',
    '{"error":"Zeit\u00fcberschreitung \u20ac"}',
  ),
);
const anyTime = fc
  .date({ min: new Date('1971-01-01'), max: new Date('2037-12-31'), noInvalidDate: true })
  .chain((date) =>
    fc.constantFrom(0, 0, 1, 123_456, 999_999).map((micros) => [date, micros] as const),
  )
  .map(([date, micros]) => {
    const seconds = date.toISOString().slice(0, 19).replace('T', ' ');
    return `${seconds}.${String(micros).padStart(6, '0')}`;
  });

const anyRow = fc.tuple(
  fc.maxSafeNat().map((id) => String(Math.max(1, id))),
  fc.option(fc.nat({ max: 2 ** 24 - 1 }), { freq: 4 }),
  fc.nat({ max: 2 ** 31 - 1 }),
  anyTime,
  anyDouble,
  anyFloat,
  fc.option(anyFloat, { freq: 4 }),
  fc.option(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }), { freq: 4 }),
  fc.option(anyText, { freq: 4 }),
);

/** Inserts random rows in one transaction; tells how many. */
export async function insertAny(t: TestContext, connection: Connection): Promise<number> {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`SEED=${seed}`);
  const table = fc.uniqueArray(anyRow, {
    selector: ([id]) => id,
    minLength: ROWS,
    maxLength: ROWS,
  });
  const [rows = []] = fc.sample(table, { seed, numRuns: 1 });
  await connection.query("SET SESSION time_zone = '+00:00', sql_mode = ''");
  await connection.beginTransaction();
  for (const row of rows) {
    await connection.execute(
      `INSERT INTO log_scores (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [...row],
    );
  }
  await connection.commit();
  return rows.length;
}
