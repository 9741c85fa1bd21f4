import type { BadInput } from './bad-input.ts';
import { COLUMNS } from './world.ts';

const PREFLIGHT = { service: 'capture', exitCode: 2, code: 'source-preflight' } as const;

const UNREADABLE = 'Rows written like this cannot be published';

const CHANGED = { service: 'capture', given: 'captured', exitCode: 1 } as const;

/** MariaDB itself: what its binlog must hold, and who may read it. Changes what all share: one at a time. */
export const SERVER: readonly BadInput[] = [
  ...(
    [
      ['binlog_format', "'MIXED'", 'ROW'],
      ['binlog_row_image', "'MINIMAL'", 'FULL'],
      ['binlog_row_metadata', "'MINIMAL'", 'FULL'],
      ['binlog_checksum', "'NONE'", 'CRC32'],
    ] as const
  ).map(([name, value, wanted]): BadInput => ({
    ...PREFLIGHT,
    name: `${name} is ${value}`,
    wrong: (world) => world.setGlobal(name, value),
    says: ['database_dsn', `${name} is `, `must be ${wanted}`, `SET GLOBAL ${name} = '${wanted}'`],
  })),
  {
    ...PREFLIGHT,
    name: 'the user may not read the binlog',
    settings: { database_dsn: 'reader:hunter2@tcp({mariadb})/{database}' },
    wrong: async (world) => {
      await world.sql(`CREATE USER 'reader'@'%' IDENTIFIED BY 'hunter2'`);
      world.onEnd(() => world.sql(`DROP USER 'reader'@'%'`));
      await world.sql(`GRANT SELECT ON ${world.database}.* TO 'reader'@'%'`);
    },
    says: [
      `'reader'@'%' lacks REPLICATION SLAVE`,
      `'reader'@'%' lacks BINLOG MONITOR`,
      `GRANT REPLICATION SLAVE ON *.* TO 'reader'@'%'`,
      `GRANT BINLOG MONITOR ON *.* TO 'reader'@'%'`,
    ],
    hides: ['hunter2'],
  },
  {
    ...PREFLIGHT,
    name: 'the user may not read the table',
    wrong: async (world) => {
      await world.sql(`REVOKE SELECT ON ${world.database}.* FROM 'scoreline'@'%'`);
      await world.sql(`CREATE TABLE ${world.database}.other (id int)`);
      await world.sql(`GRANT SELECT ON ${world.database}.other TO 'scoreline'@'%'`);
    },
    says: [
      'table {database}.log_scores does not exist, or',
      'GRANT SELECT ON `{database}`.`log_scores`',
    ],
  },
  {
    ...CHANGED,
    name: 'a session writes statements instead of rows',
    meanwhile: async (world) => {
      await world.sql(`SET SESSION binlog_format = 'STATEMENT'`);
      world.onEnd(() => world.sql(`SET SESSION binlog_format = 'ROW'`));
      await world.sql(
        `INSERT INTO ${world.table} (server_id, ts) VALUES (1, '2026-01-01 00:00:00')`,
      );
    },
    code: 'statement-format',
    says: ['a statement that may write the captured table', 'Set binlog_format=ROW'],
  },
  {
    ...CHANGED,
    name: 'a session writes rows without all of their columns',
    meanwhile: async (world) => {
      await world.sql(`SET SESSION binlog_row_image = 'MINIMAL'`);
      world.onEnd(() => world.sql(`SET SESSION binlog_row_image = 'FULL'`));
      await world.insert();
    },
    code: 'row-image',
    says: ['without all of its columns', 'Set binlog_row_image=FULL'],
  },
];

function altered(name: string, alter: string, says: readonly string[]): BadInput {
  return {
    ...PREFLIGHT,
    name,
    wrong: async (world) => {
      await world.sql(`ALTER TABLE ${world.table} ${alter}`);
    },
    says: ['{database}.log_scores', ...says],
  };
}

/** The table as it is found at the start, and what happens to it later. */
export const TABLE: readonly BadInput[] = [
  altered('the table lacks a column', 'DROP COLUMN step', ['column step is missing; accepted is']),
  altered('a column has another type', 'MODIFY score decimal(10,4) NOT NULL', [
    'column score is decimal; accepted is double or float',
  ]),
  altered('the table has a column that the schema does not know', 'ADD COLUMN jitter double', [
    'column jitter (double) is not in the LogScore schema',
  ]),
  altered('ids are text', 'MODIFY id varchar(20) NOT NULL', [
    'id varchar(20)',
    'AUTO_INCREMENT',
    'ALTER TABLE `{database}`.`log_scores`',
  ]),
  altered('the table is MyISAM', 'ENGINE=MyISAM', [
    'MyISAM, must be InnoDB',
    'ALTER TABLE `{database}`.`log_scores` ENGINE = InnoDB',
  ]),
  {
    ...PREFLIGHT,
    name: 'the table has no primary key',
    wrong: (world) => world.tableOf(COLUMNS.replace(' AUTO_INCREMENT PRIMARY KEY', '')),
    says: ['{database}.log_scores has no primary key', 'ADD PRIMARY KEY (id)'],
  },
  {
    ...PREFLIGHT,
    name: 'the table does not exist',
    wrong: async (world) => {
      await world.sql(`DROP TABLE ${world.table}`);
    },
    says: ['table {database}.log_scores does not exist', 'GRANT SELECT'],
  },
  {
    ...CHANGED,
    name: 'the table gets another column while it is captured',
    meanwhile: async (world) => {
      await world.sql(`ALTER TABLE ${world.table} ADD COLUMN jitter double`);
      await world.insert();
    },
    code: 'table-changed',
    says: ['{database}.log_scores', 'column jitter (double) is not in', UNREADABLE],
  },
  {
    ...CHANGED,
    name: 'a column gets another type while it is captured',
    meanwhile: async (world) => {
      await world.sql(`ALTER TABLE ${world.table} MODIFY score decimal(10,4) NOT NULL`);
      await world.insert();
    },
    code: 'table-changed',
    says: ['{database}.log_scores', 'column score is', UNREADABLE],
  },
  {
    ...CHANGED,
    name: 'a row of the append-only table is updated',
    meanwhile: async (world) => {
      await world.sql(`UPDATE ${world.table} SET score = score + 1 LIMIT 1`);
    },
    code: 'row-updated',
    says: ['UPDATE', 'must be append-only', 'on_update=count'],
  },
  {
    ...CHANGED,
    name: 'the table is truncated',
    meanwhile: async (world) => {
      await world.sql(`TRUNCATE TABLE ${world.table}`);
    },
    code: 'row-updated',
    says: ['TRUNCATE', 'must be append-only', 'on_update=count'],
  },
];
