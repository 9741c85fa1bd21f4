import type { Mutant } from './mutant.ts';

const GCS = 'services/sink-gcs/dist';

/** Object stores and their clients without the guards against them. Those that need no server. */
export const STORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a rate that is exceeded passes for a missing right',
    pitfalls: ['G1'],
    module: `${GCS}/gcs-errors.js`,
    edits: [{ find: 'PASSING_REASONS.has(reason)', replace: 'false' }],
    shownBy: `${GCS}/gcs-errors.test.js`,
    test: 'retry: too many requests, as 403',
    failure: /actual: 'stop'/,
    needs: [],
  },
  {
    name: 'an answer is looked for in the error only',
    pitfalls: ['G2'],
    module: `${GCS}/error-facts.js`,
    edits: [{ find: 'depth > 5', replace: 'depth > 0' }],
    shownBy: `${GCS}/gcs-errors.test.js`,
    test: 'retry: too many requests, at the opening of an upload',
    failure: /actual: 'stop'/,
    needs: [],
  },
  {
    name: 'an upload that has ended stops the sink',
    pitfalls: ['G3'],
    module: `${GCS}/gcs-errors.js`,
    edits: [{ find: 'SESSION_OVER.test(said)', replace: 'false' }],
    shownBy: `${GCS}/gcs-errors.test.js`,
    test: 'retry: an upload that is further than the client',
    failure: /actual: 'stop'/,
    needs: [],
  },
  {
    name: 'a file that was changed on its disk is completed',
    pitfalls: [],
    module: 'packages/files/dist/object-bytes.js',
    edits: [{ find: 'crc !== expected', replace: 'false' }],
    shownBy: 'packages/files/dist/object-bytes.test.js',
    test: 'of a file that was changed the last piece is not given away',
    failure: /Missing expected rejection/,
    needs: [],
  },
];
