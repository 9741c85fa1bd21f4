import type { Mutant } from './mutant.ts';

const MIGRATE = 'services/sink-clickhouse/dist/migrate.clickhouse.test.js';
const MIGRATIONS = 'services/sink-clickhouse/dist/migrations.clickhouse.test.js';

/** ClickHouse tables that others have made, or that another version has. */
export const MIGRATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'a row of the archiver’s is looked for on its day in UTC only',
    pitfalls: [],
    module: 'services/sink-clickhouse/dist/read-back.js',
    edits: [{ find: '&& convert) ? 1 : 0', replace: '&& convert) ? 0 : 0' }],
    shownBy: MIGRATE,
    test: 'a row is found although the archiver has filed it under another day',
    failure: /Expected values to be strictly deep-equal/,
    needs: ['clickhouse'],
  },
  {
    name: 'the day of a DateTime is left to the table',
    pitfalls: [],
    module: 'services/sink-clickhouse/dist/table-plan.js',
    edits: [{ find: '&& !(migrate && isDayOfOtherTs)', replace: '' }],
    shownBy: MIGRATE,
    test: 'the day is that of UTC, also where the server would compute another',
    failure: /Expected values to be strictly deep-equal/,
    needs: ['clickhouse'],
  },
  {
    name: 'a score becomes infinite in a Float32',
    pitfalls: [],
    module: 'services/sink-clickhouse/dist/accepted-columns.js',
    edits: [{ find: '* 256', replace: '* 0' }],
    shownBy: MIGRATE,
    test: 'a value that a migrated column cannot hold stops, naming the row: score = 1e+300',
    failure: /Missing expected rejection/,
    needs: ['clickhouse'],
  },
  {
    name: 'a column that was dropped is added again, empty',
    pitfalls: [],
    module: 'services/sink-clickhouse/dist/table-plan.js',
    edits: [{ find: '!made && (', replace: '(' }],
    shownBy: MIGRATIONS,
    test: 'a column that was dropped stops, for its values are gone (refuse)',
    failure: /Missing expected rejection/,
    needs: ['clickhouse'],
  },
];
