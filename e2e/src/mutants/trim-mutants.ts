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
    name: 'an admin that is kept, and remembers a topic that is gone',
    pitfalls: ['K26'],
    module: `${TRIM}/trim-part.js`,
    edits: [
      { find: 'const admin = kafka.admin(', replace: 'const admin = this.kept ??= kafka.admin(' },
      { find: 'await admin.disconnect()', replace: 'await Promise.resolve()' },
    ],
    shownBy: `${TRIM}/trim.kafka.test.js`,
    test: 'the service goes on when a topic that was retired is deleted',
    failure: /up to 20 did not come/,
    needs: ['kafka'],
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
