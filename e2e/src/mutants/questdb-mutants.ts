import type { Mutant } from './mutant.ts';

const DIST = 'examples/sink-questdb/dist';

/** The example of a sink without its guards against QuestDB. */
export const QUESTDB_MUTANTS: readonly Mutant[] = [
  {
    name: 'rows count as landed before a query sees them',
    pitfalls: ['Q1'],
    module: `${DIST}/quest-db-sink.js`,
    edits: [{ find: 'applied >= target', replace: 'true' }],
    shownBy: `${DIST}/conformance.questdb.test.js`,
    test: 'ranges of several partitions land side by side',
    failure: /is lost/,
    needs: ['questdb'],
  },
  {
    name: 'rows land in the next table of the same name',
    pitfalls: ['Q2'],
    module: `${DIST}/quest-db-sink.js`,
    edits: [{ find: 'directory !== this.#directory', replace: 'false' }],
    shownBy: `${DIST}/table.questdb.test.js`,
    test: 'nor is the next of its name',
    failure: /Missing expected rejection/,
    needs: ['questdb'],
  },
  {
    name: 'rows land in a log that is not synced',
    pitfalls: ['Q3'],
    module: `${DIST}/quest-db-sink.js`,
    edits: [{ find: "mode?.[0] !== 'sync'", replace: 'false' }],
    shownBy: `${DIST}/table.questdb.test.js`,
    test: 'a server that does not sync is refused',
    failure: /Missing expected rejection/,
    needs: ['questdb'],
  },
];
