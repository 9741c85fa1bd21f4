import type { Mutant } from './mutant.ts';

const SINK = 'services/sink-bigquery/dist';

/** What keeps rows out of BigQuery twice, or from never arriving there, taken away. */
export const BIGQUERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'a load job asked for without its location',
    pitfalls: ['B1'],
    module: `${SINK}/load-jobs.js`,
    edits: [{ find: 'const query = { location: this.#location };', replace: 'const query = {};' }],
    shownBy: `${SINK}/load-jobs.test.js`,
    test: 'a job is asked for where it is',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'a proxy says that a load job is not there',
    pitfalls: ['B2'],
    module: `${SINK}/load-jobs.js`,
    edits: [
      {
        find: "error.status === 404 && error.reason === 'notFound'",
        replace: 'error.status === 404',
      },
    ],
    shownBy: `${SINK}/load-jobs.test.js`,
    test: 'only BigQuery itself may say that a job is not there',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'done is taken for well done',
    pitfalls: ['B3'],
    module: `${SINK}/follow-job.js`,
    edits: [{ find: 'return job.error === null', replace: 'return true' }],
    shownBy: `${SINK}/follow-job.test.js`,
    test: 'a job that is done is not asked for again',
    failure: /'landed' !== 'failed'|Expected values to be strictly equal/,
    needs: [],
  },
  {
    name: 'a table created anew passes for loaded',
    pitfalls: ['B4'],
    module: `${SINK}/job-id.js`,
    edits: [{ find: '`${identity}\\n${fingerprint}`', replace: 'identity' }],
    shownBy: `${SINK}/job-id.test.js`,
    test: 'it is the same whenever it is asked for',
    failure: /Expected values to be strictly equal/,
    needs: [],
  },
  {
    name: 'a load job that does not end is given up while it runs',
    pitfalls: ['B5'],
    module: `${SINK}/follow-job.js`,
    edits: [{ find: 'if (isCancelled)', replace: 'if (true)' }],
    shownBy: `${SINK}/follow-job.test.js`,
    test: 'a job that does not end is cancelled, and counts as it ends then',
    failure: /'stuck'/,
    needs: [],
  },
  {
    name: 'pieces of an upload in memory that is used again',
    pitfalls: ['B6'],
    module: `${SINK}/load-body.js`,
    edits: [
      {
        find: 'yield Buffer.concat(containerBlock(rows, datums, sync));',
        replace: 'yield* containerBlock(rows, datums, sync);',
      },
    ],
    shownBy: `${SINK}/load-body.test.js`,
    test: 'a piece that was given away is not changed',
    failure: /false == true/,
    needs: [],
  },
  {
    name: 'load jobs as fast as rows come',
    pitfalls: ['B7'],
    module: `${SINK}/job-budget.js`,
    edits: [{ find: 'return Math.ceil(waitMs);', replace: 'return this.heldMs(nowMs);' }],
    shownBy: `${SINK}/job-budget.test.js`,
    test: 'in any order of jobs, costs, pauses and restarts the limits hold',
    failure: /Property failed/,
    needs: [],
  },
];
