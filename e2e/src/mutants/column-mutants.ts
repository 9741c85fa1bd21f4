import type { Mutant } from './mutant.ts';

/** Columns of the table that the record has no field for. */
export const COLUMN_MUTANTS: readonly Mutant[] = [
  {
    name: 'a fixed binary is kept, whatever it is',
    pitfalls: ['Z17'],
    module: 'packages/schema/dist/kept-types.js',
    edits: [
      {
        find: "case MYSQL.STRING:\n            return isText(charset) ? 'text' : null;",
        replace: 'case MYSQL.STRING:',
      },
    ],
    shownBy: 'packages/schema/dist/kept-text.test.js',
    test: 'a column is not kept: binary, which may be a uuid',
    failure: /Expected values to be strictly equal/,
    needs: [],
  },
  {
    name: 'the columns of the table are looked at once',
    pitfalls: [],
    module: 'services/capture/dist/captured-table.js',
    edits: [{ find: 'if (isDeepStrictEqual(columns, this.#columns))', replace: 'if (columns)' }],
    shownBy: 'services/capture/dist/kept-columns.mariadb.test.js',
    test: 'a column that is added between two reads of the table is in the rows of the second',
    failure: /Expected values to be strictly deep-equal/,
    needs: ['mariadb'],
  },
  {
    name: 'a column that other tables lack may go',
    pitfalls: [],
    module: 'packages/schema/dist/columns.js',
    edits: [{ find: '.filter((name) => !seen.has(name))', replace: '.filter(() => false)' }],
    shownBy: 'services/capture/dist/kept-columns.mariadb.test.js',
    test: 'a column that is added between two reads of the table is in the rows of the second',
    failure: /Missing expected rejection/,
    needs: ['mariadb'],
  },
  {
    name: 'a column may go while the table is read',
    pitfalls: [],
    module: 'services/capture/dist/captured-table.js',
    edits: [
      {
        find: 'this.#readerOf(columns, optionalOf(this.#columns))',
        replace: 'this.#readerOf(columns, [])',
      },
    ],
    shownBy: 'services/capture/dist/optional-columns.mariadb.test.js',
    test: 'a column that is dropped while its rows are read stops the reading, before they are read without it',
    failure: /Missing expected rejection/,
    needs: ['mariadb'],
  },
];
