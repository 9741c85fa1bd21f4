import type { TestContext } from 'node:test';

import fc from 'fast-check';
import type { Connection } from 'mysql2/promise';

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

/** Tables as they may be; the generated rows fit each of them. */
export const LAYOUTS = [
  { what: "the pool's", sql: POOL, utcOffsetMinutes: 0 },
  {
    what: 'datetime(3), 5:30 ahead',
    sql: OTHER.replace('TYPE', 'datetime(3)'),
    utcOffsetMinutes: 330,
  },
  { what: 'timestamp(6)', sql: OTHER.replace('TYPE', 'timestamp(6)'), utcOffsetMinutes: 330 },
] as const;

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
