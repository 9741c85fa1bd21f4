import type { Mutant } from './mutant.ts';

const TRIM = 'services/purge/dist/trim';

/** Deleting from the topic without its guards. */
export const TRIM_MUTANTS: readonly Mutant[] = [
  {
    name: 'records that kafkajs says it has deleted, and that are there',
    pitfalls: ['K25'],
    module: `${TRIM}/delete-records.js`,
    edits: [{ find: 'if (start < below)', replace: 'if (errors.has(decision))' }],
    shownBy: `${TRIM}/delete-records.test.js`,
    test: 'an answer that all is well is believed only when the log begins where it should',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'trimming that waits for promoted sinks alone',
    pitfalls: [],
    module: `${TRIM}/trim-rule.js`,
    edits: [
      {
        find: 'for (const holder of holders) {',
        replace: "for (const holder of holders.filter(({ state }) => state === 'active')) {",
      },
    ],
    shownBy: `${TRIM}/trim-rule.test.js`,
    test: 'the slowest is waited for, whether it is active, testing or not in the roster',
    failure: /testing/,
    needs: [],
  },
];
