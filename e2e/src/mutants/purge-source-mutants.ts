import type { Mutant } from './mutant.ts';

const SOURCE = 'services/purge/dist/source';
const ON_MARIADB = `${SOURCE}/purge-table.mariadb.test.js`;
const ON_MYSQL = `${SOURCE}/purge-table.mysql.test.js`;

/** What keeps the purge to exactly the rows that were proven, taken away. */
export const PURGE_SOURCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'MySQL’s optimizer gives up on long lists of ids',
    pitfalls: ['X70'],
    module: `${SOURCE}/purge-session.js`,
    edits: [{ find: 'range_optimizer_max_mem_size = 0', replace: 'sql_safe_updates = 0' }],
    shownBy: ON_MYSQL,
    test: 'thirty thousand ids are found one by one',
    failure: /'collided'/,
    needs: ['mysql'],
  },
  {
    name: 'a DELETE looks for its rows where the optimizer likes',
    pitfalls: ['X71'],
    module: `${SOURCE}/purge-table.js`,
    edits: [
      {
        find: 'DELETE purged FROM ${this.#name} AS purged FORCE INDEX (PRIMARY)',
        replace: 'DELETE FROM ${this.#name}',
      },
    ],
    shownBy: ON_MARIADB,
    test: 'thirty thousand ids are found one by one',
    failure: /'collided'/,
    needs: ['mariadb'],
  },
  {
    name: 'a DOUBLE is digested as MySQL shows what it has computed',
    pitfalls: ['X72'],
    module: `${SOURCE}/table-sql.js`,
    edits: [
      {
        find: "if (dataType === 'float')",
        replace: "if (dataType === 'float' || dataType === 'double')",
      },
    ],
    shownBy: ON_MYSQL,
    test: 'a digest tells every change of a value',
    failure: /score = .* is as/,
    needs: ['mysql'],
  },
  {
    name: 'groups that can be seen and are not executed yet are left out of the position',
    pitfalls: ['X73'],
    module: `${SOURCE}/source-position.js`,
    edits: [{ find: "await variable(connection, 'gtid_owned')", replace: "''" }],
    shownBy: ON_MYSQL,
    test: 'a group that is being committed is in the position',
    failure: /Expected values to be strictly equal/,
    needs: ['mysql'],
  },
  {
    name: 'foreign keys, triggers and columns are looked at before the purge only',
    pitfalls: [],
    module: `${SOURCE}/delete-chunk.js`,
    edits: [{ find: 'await chunk.confirmShape(connection);', replace: '' }],
    shownBy: ON_MARIADB,
    test: 'what has changed about the table since it was examined',
    failure: /Missing expected rejection/,
    needs: ['mariadb'],
  },
  {
    name: 'whether the locks are still ours is not asked when the rows are locked',
    pitfalls: [],
    module: `${SOURCE}/delete-chunk.js`,
    edits: [{ find: 'if (!(await isHeld(connection, chunk.holder)))', replace: 'if (false)' }],
    shownBy: ON_MARIADB,
    test: 'a chunk that waited while its lock went to another purge',
    failure: /Missing expected rejection/,
    needs: ['mariadb'],
  },
  {
    name: 'rows that are not as they were digested are deleted',
    pitfalls: [],
    module: `${SOURCE}/delete-chunk.js`,
    edits: [{ find: 'seen.digest !== wanted.digest', replace: 'false' }],
    shownBy: ON_MARIADB,
    test: 'a row that was changed or is gone since its digest',
    failure: /kind: 'deleted'/,
    needs: ['mariadb'],
  },
  {
    name: 'rows of a transaction that still commits are told as held',
    pitfalls: [],
    module: `${SOURCE}/purge-table.js`,
    edits: [{ find: ' LOCK IN SHARE MODE', replace: '' }],
    shownBy: ON_MARIADB,
    test: 'which rows are held is told when whoever deletes them has ended',
    failure: /Missing expected rejection/,
    needs: ['mariadb'],
  },
];
