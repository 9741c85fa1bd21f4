import type { Mutant } from './mutant.ts';

/** Guards of those who read the ledger beside capture, write to it, and keep the log of what was deleted. */
export const LEDGER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a ledger that was made anew is read on',
    pitfalls: ['X50'],
    module: 'packages/ledger/dist/ledger-view.js',
    edits: [
      { find: 'if (hasKey && hasValue && timestamp === last.timestamp)', replace: 'if (true)' },
    ],
    shownBy: 'packages/ledger/dist/ledger-view.kafka.test.js',
    test: 'a ledger that was made anew, and is longer, is another one for good',
    failure: /Missing expected rejection/,
    needs: ['kafka'],
  },
  {
    name: 'a bucket counts without its checkpoint',
    pitfalls: [],
    module: 'packages/ledger/dist/whole-transactions.js',
    edits: [{ find: 'if (!isCaptures(name)) {', replace: 'if (true) {' }],
    shownBy: 'packages/ledger/dist/ledger-view.kafka.test.js',
    test: 'a view has what is committed when a refresh begins, whole transactions only',
    failure: /did not come within/,
    needs: ['kafka'],
  },
  {
    name: 'writers of the ledger do not fence each other',
    pitfalls: ['K6'],
    module: 'packages/kafka/dist/fencing-writer.js',
    edits: [
      {
        find: 'const { topic, transactionalId, timeoutMs = 30_000 } = this.#options;',
        replace:
          'const { topic, timeoutMs = 30_000 } = this.#options; const transactionalId = this.#options.transactionalId + Math.random();',
      },
    ],
    shownBy: 'packages/ledger/dist/write-ledger.kafka.test.js',
    test: 'of two at once the one that began first is fenced, and nothing of the other is lost',
    failure: /Missing expected rejection/,
    needs: ['kafka'],
  },
  {
    name: 'a purge that was shut out goes on writing its log',
    pitfalls: [],
    module: 'services/purge/dist/kafka/purge-log.js',
    edits: [
      {
        find: 'const transactionalId = `${prefix}scoreline-purge-${table}`;',
        replace: 'const transactionalId = `${prefix}scoreline-purge-${Math.random()}`;',
      },
    ],
    shownBy: 'services/purge/dist/kafka/purge-log.kafka.test.js',
    test: 'whoever opens the log is told of the intent that has no end, and shuts its writer out',
    failure: /Missing expected rejection/,
    needs: ['kafka'],
  },
  {
    name: 'an append of which nobody knows counts as done',
    pitfalls: ['K6'],
    module: 'services/purge/dist/kafka/purge-log.js',
    edits: [
      { find: 'this.#isOpen = false;\n            throw', replace: 'return;\n            throw' },
    ],
    shownBy: 'services/purge/dist/kafka/purge-log.kafka.test.js',
    test: 'an append whose answer is lost fails, and the next one to open the log is told of it',
    failure: /Missing expected rejection/,
    needs: ['kafka'],
  },
  {
    name: 'a proof does not ask where the run begins',
    pitfalls: [],
    module: 'services/purge/dist/proof/partition-proof.js',
    edits: [{ find: 'metadata.since > first && !covered', replace: 'false' }],
    shownBy: 'services/purge/dist/proof/proof-model.test.js',
    test: 'whatever is missing or damaged in the evidence: what is proven is in every active destination',
    failure: /Property failed after/,
    needs: [],
  },
];
