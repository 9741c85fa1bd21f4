import type { Mutant } from './mutant.ts';

const GRANTS = 'services/sink-clickhouse/dist/grants.clickhouse.test.js';
const REPLICATION = 'services/sink-clickhouse/dist/replication.clickhouse.test.js';

/** What ClickHouse does with tokens, and what replicas say of rows. */
export const CLICKHOUSE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a profile decides whether tokens count',
    pitfalls: ['C1'],
    module: 'services/sink-clickhouse/dist/deduplication.js',
    edits: [{ find: "deduplicate_insert_select: 'enable_even_for_bad_queries',", replace: '' }],
    shownBy: GRANTS,
    test: 'a token counts, whatever the profile of the user says',
    failure: /Expected values to be strictly equal/,
    needs: ['clickhouse'],
  },
  {
    name: 'what one replica holds has landed',
    pitfalls: [],
    module: 'services/sink-clickhouse/dist/replication.js',
    edits: [{ find: 'values.length < quorum', replace: 'values.length < 1' }],
    shownBy: REPLICATION,
    test: 'what one of two replicas holds is not taken for landed',
    failure: /Missing expected rejection/,
    needs: ['clickhouse'],
  },
  {
    name: 'rows that lack are inserted beside a replica that may be inserting them',
    pitfalls: [],
    module: 'services/sink-clickhouse/dist/range-insert.js',
    edits: [{ find: 'if (unasked.length > 0)', replace: 'if (unasked.length > 99)' }],
    shownBy: REPLICATION,
    test: 'rows that lack wait for a replica that cannot be asked what it still inserts',
    failure: /Missing expected rejection/,
    needs: ['clickhouse'],
  },
];
