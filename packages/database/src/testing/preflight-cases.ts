import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sessionConnection } from '../connection.ts';
import type { Problem } from '../preflight.ts';
import { preflightServer } from '../server-preflight.ts';
import type { Source } from '../source.ts';
import { preflightTable } from '../table-preflight.ts';
import { ownDatabase, ownUser, type SqlServerName } from './servers.ts';

/** In the order in which they are told when they are missing. */
const NEEDED = {
  mariadb: ['BINLOG MONITOR', 'REPLICATION SLAVE'],
  mysql: ['REPLICATION CLIENT', 'REPLICATION SLAVE', 'PROCESS'],
} as const;

const LOG_SCORES = `CREATE TABLE log_scores (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  monitor_id int unsigned DEFAULT NULL,
  server_id int unsigned NOT NULL,
  ts timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  score double NOT NULL DEFAULT 0,
  attributes text
)`;

/** The preflights against either real server, as root and as users who may too little. */
export function preflightCases(server: SqlServerName): void {
  test(`${server}: a server as the documentation asks for has no problems`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query(LOG_SCORES);
    const user = await ownUser(own, [
      `${NEEDED[server].join(', ')} ON *.*`,
      `SELECT ON ${own.source.database}.log_scores`,
    ]);
    const connection = await sessionConnection(user);
    own.cleanUp(() => connection.end());
    const preflight = await preflightServer(connection, user);
    assert.deepEqual(preflight.problems, []);
    assert.equal(preflight.server.flavor, server);
    assert.ok(Number(preflight.server.variables.get('server_id')) > 0);
    assert.deepEqual((await preflightTable(connection, user)).problems, []);
  });

  test(`${server}: every missing grant is named, with the statement that gives it`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query(LOG_SCORES);
    const { database } = own.source;
    const cases: [grants: string[], lacks: string[]][] = [
      [[], [...NEEDED[server]]],
      ...NEEDED[server].map((one): [string[], string[]] => [
        [`${one} ON *.*`],
        NEEDED[server].filter((other) => other !== one),
      ]),
      [['ALL PRIVILEGES ON *.*'], []],
    ];
    for (const [grants, lacks] of cases) {
      const user = await ownUser(own, [`INSERT ON ${database}.log_scores`, ...grants]);
      const problems = await checked(user);
      assert.deepEqual(
        problems.map(({ subject }) => subject),
        lacks,
      );
      for (const { remedy } of problems) await own.admin.query(remedy);
      assert.deepEqual(await checked(user), []);
    }
  });

  test(`${server}: privileges may come through a role`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query(LOG_SCORES);
    const user = await ownUser(own, [`SELECT ON ${own.source.database}.*`]);
    const role = `${user.user}_role`;
    await own.admin.query(`CREATE ROLE ${role}`);
    own.cleanUp(() => own.admin.query(`DROP ROLE ${role}`));
    await own.admin.query(`GRANT ${NEEDED[server].join(', ')} ON *.* TO ${role}`);
    await own.admin.query(`GRANT ${role} TO ${user.user}@'%'`);
    await own.admin.query(
      server === 'mysql'
        ? `SET DEFAULT ROLE ${role} TO ${user.user}@'%'`
        : `SET DEFAULT ROLE ${role} FOR ${user.user}@'%'`,
    );
    const connection = await sessionConnection(user);
    own.cleanUp(() => connection.end());
    assert.deepEqual((await preflightServer(connection, user)).problems, []);
  });

  test(`${server}: the columns are told as the table has them`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query(LOG_SCORES);
    await own.admin.query('INSERT INTO log_scores (id, server_id) VALUES (9007199254740993000, 1)');
    await own.admin.query('ANALYZE TABLE log_scores');
    const { columns, engine, autoIncrement } = await preflightTable(own.admin, own.source);
    assert.deepEqual(
      columns.map(({ name, dataType, nullable, unsigned }) => [name, dataType, nullable, unsigned]),
      [
        ['id', 'bigint', false, true],
        ['monitor_id', 'int', true, true],
        ['server_id', 'int', false, true],
        ['ts', 'timestamp', false, false],
        ['score', 'double', false, false],
        ['attributes', 'text', true, false],
      ],
    );
    assert.deepEqual(
      columns.map(({ charset }) => charset !== null),
      [...Array(5).fill(false), true],
    );
    assert.deepEqual(
      columns.map(({ primaryKey, autoIncrement: auto }) => primaryKey && auto),
      [true, ...Array(5).fill(false)],
    );
    assert.equal(engine, 'InnoDB');
    assert.equal(autoIncrement, 9_007_199_254_740_993_001n);
  });

  test(`${server}: a table that cannot be captured is told why, and the remedy makes it fit`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const { database } = own.source;
    const cases: [definition: string, message: RegExp][] = [
      [
        '(id bigint unsigned NOT NULL)',
        /has no primary key, must have one integer AUTO_INCREMENT column named id$/,
      ],
      ['(score double)', /has no primary key/],
      ['(id int NOT NULL PRIMARY KEY)', /has the primary key \(id int.*\), must have/],
      [
        '(id int NOT NULL, a int NOT NULL, PRIMARY KEY (id, a))',
        /the primary key \(id int.*, a int.*\)/,
      ],
      ['(id varchar(20) NOT NULL PRIMARY KEY)', /the primary key \(id varchar\(20\)\)/],
      [
        '(id int NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE = MyISAM',
        /the engine of .* is MyISAM, must be InnoDB/,
      ],
    ];
    for (const [definition, message] of cases) {
      await own.admin.query(`CREATE TABLE log_scores ${definition}`);
      const { problems } = await preflightTable(own.admin, own.source);
      assert.equal(problems.length, 1, definition);
      assert.match(problems[0]?.message ?? '', message);
      assert.equal(problems[0]?.subject, `${database}.log_scores`);
      await own.admin.query(problems[0]?.remedy ?? '');
      assert.deepEqual((await preflightTable(own.admin, own.source)).problems, [], definition);
      await own.admin.query('DROP TABLE log_scores');
    }
  });

  test(`${server}: a view, and what is not there or may not be read, is told`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const { database } = own.source;
    await own.admin.query(LOG_SCORES);
    await own.admin.query('CREATE VIEW log_scores_test AS SELECT * FROM log_scores');
    const view = await preflightTable(own.admin, { database, table: 'log_scores_test' });
    assert.match(view.problems[0]?.message ?? '', /is a view, must be a table/);

    const missing = await preflightTable(own.admin, { database, table: 'nope' });
    assert.match(
      missing.problems[0]?.message ?? '',
      new RegExp(`^table ${database}\\.nope does not exist, or 'root'@`),
    );

    const blind = await ownUser(own, [`INSERT ON ${database}.log_scores`]);
    const connection = await sessionConnection(blind);
    own.cleanUp(() => connection.end());
    const unread = await preflightTable(connection, blind);
    assert.match(unread.problems[0]?.message ?? '', /may not be read by us/);
    await own.admin.query(unread.problems[0]?.remedy ?? '');
    assert.deepEqual((await preflightTable(connection, blind)).problems, []);
  });
}

/** What the server says to a new connection: privileges on *.* are read when a session begins. */
async function checked(source: Source): Promise<readonly Problem[]> {
  const connection = await sessionConnection(source);
  try {
    return (await preflightServer(connection, source)).problems;
  } finally {
    await connection.end();
  }
}
