import type { Mutant } from './mutant.ts';

const SINK = 'services/sink-clickhouse/dist';
const INSERTS = `${SINK}/range-insert.clickhouse.test.js`;
const CONFORMANCE = `${SINK}/conformance.clickhouse.test.js`;
const TABLE = `${SINK}/table.clickhouse.test.js`;
const GRANTS = `${SINK}/grants.clickhouse.test.js`;
const REPLICATION = `${SINK}/replication.clickhouse.test.js`;

/** Landing in ClickHouse without what its inserts and tables need to be exact and durable. */
export const CLICKHOUSE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a table that does not remember inserts is taken',
    pitfalls: ['C1'],
    module: `${SINK}/table-settings.js`,
    edits: [
      {
        find: "name: 'non_replicated_deduplication_window',\n        value: 10_000,\n        least: 100,",
        replace: "name: 'non_replicated_deduplication_window', value: 10_000, least: 0,",
      },
    ],
    shownBy: TABLE,
    test: 'a table is refused, with what would mend it: inserts are not remembered',
    failure: /Missing expected rejection/,
    needs: ['clickhouse'],
  },
  {
    name: 'another engine than MergeTree is taken',
    pitfalls: ['C2'],
    module: `${SINK}/table.js`,
    edits: [{ find: 'engine !== wanted', replace: 'false' }],
    shownBy: TABLE,
    test: 'a table is refused, with what would mend it: rows of it replace each other',
    failure: /The input did not match the regular expression \/engine is/,
    needs: ['clickhouse'],
  },
  {
    name: 'microseconds are taken for what the column counts',
    pitfalls: ['C3'],
    module: `${SINK}/columns.js`,
    edits: [{ find: "`fromUnixTimestamp64Micro(${name}, 'UTC')`", replace: '`${name}`' }],
    shownBy: CONFORMANCE,
    test: 'every value is read back as it was',
    failure: /253402300799000000/,
    needs: ['clickhouse'],
  },
  {
    name: 'an insert is cut into blocks as the server pleases',
    pitfalls: ['C4'],
    module: `${SINK}/insert.js`,
    edits: [{ find: '...BLOCK_SETTINGS, ', replace: '' }],
    shownBy: `${SINK}/insert.test.js`,
    test: 'an insert says its token, its query id, and what cuts it into blocks',
    failure: /null !== '0'/,
    needs: [],
  },
  {
    name: 'an insert has as many days as the server lets it have',
    pitfalls: ['C5'],
    module: `${SINK}/statements.js`,
    edits: [{ find: "max_partitions_per_insert_block: '0',", replace: '' }],
    shownBy: INSERTS,
    test: 'a range of more days than an insert may have by default',
    failure: /Too many partitions/,
    needs: ['clickhouse'],
  },
  {
    name: 'missing rows are inserted under the token of all',
    pitfalls: ['C6'],
    module: `${SINK}/range-insert.js`,
    edits: [
      { find: '`${range.identity}.r${crcOfIds(range, missing)}`', replace: 'range.identity' },
    ],
    shownBy: INSERTS,
    test: 'rows whose insert the table remembers but no longer holds are inserted all the same',
    failure: /holds \d+ of them/,
    needs: ['clickhouse'],
  },
  {
    name: 'an insert whose client is gone is left to go on',
    pitfalls: ['C7'],
    module: `${SINK}/range-insert.js`,
    edits: [{ find: 'await endStragglers(client, range.identity, signal);', replace: '' }],
    shownBy: INSERTS,
    test: 'an insert that goes on after its client is gone is ended before the table is asked',
    failure: /already running/,
    needs: ['clickhouse'],
  },
  {
    name: 'a table whose inserts are not synced is taken',
    pitfalls: ['C8'],
    module: `${SINK}/table-plan.js`,
    edits: [{ find: '(syncs && options.acceptUnsynced)', replace: 'syncs' }],
    shownBy: TABLE,
    test: 'a table is refused, with what would mend it: inserts are not synced',
    failure: /Missing expected rejection/,
    needs: ['clickhouse'],
  },
  {
    name: 'an insert over several days is taken for atomic',
    pitfalls: ['C9'],
    module: `${SINK}/range-insert.js`,
    edits: [
      { find: 'if (landed.count < range.rows) {', replace: 'if (false) {' },
      { find: 'if (landed.count === range.rows)', replace: 'if (landed.count > 0)' },
    ],
    shownBy: CONFORMANCE,
    test: 'a range of which a part is there is completed',
    failure: /is lost/,
    needs: ['clickhouse'],
  },
  {
    name: 'a 200 is taken for a success, whatever follows it',
    pitfalls: ['C10'],
    module: `${SINK}/insert.js`,
    edits: [{ find: "said === '' && code", replace: 'code' }],
    shownBy: `${SINK}/insert.test.js`,
    test: 'a 200 with an exception in the body is no success',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'rows that an insert says to have written count as there',
    pitfalls: ['C11'],
    module: `${SINK}/range-insert.js`,
    edits: [
      {
        find: `await this.#insertAll(range, number, signal);
            landed = await this.#readBack(range, { heldUpTo, signal });`,
        replace: `await this.#insertAll(range, number, signal);
            return;`,
      },
    ],
    shownBy: INSERTS,
    test: 'rows whose insert the table remembers but no longer holds are inserted all the same',
    failure: /is lost/,
    needs: ['clickhouse'],
  },
  {
    name: 'a profile decides whether tokens count',
    pitfalls: ['C12'],
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
    edits: [{ find: 'values.length >= quorum', replace: 'values.length >= 1' }],
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
