import type { Damage } from './damage.ts';

/** A defect that somebody could write. */
export interface Mutant extends Damage {
  /** The test file, below the repository, that must fail under it. */
  readonly shownBy: string;
  /** What the test then says: not just any failure is the mutant's. */
  readonly failure: RegExp;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'commit before write',
    module: 'packages/landing/dist/partition-landing.js',
    edits: [
      {
        find: 'await this.#context.write(range, replay);',
        replace: '',
      },
      {
        find: 'this.#context.landed(range, replay);',
        replace: 'await this.#context.write(range, replay); this.#context.landed(range, replay);',
      },
    ],
    shownBy: 'packages/landing/dist/crash.kafka.test.js',
    failure: /the offset has not moved/,
  },
  {
    name: 'commit retried into the next generation',
    module: 'packages/landing/dist/committer.js',
    edits: [
      {
        find: 'if (isStaleMember(error))\n                    throw error;',
        replace: '',
      },
      {
        find: 'if (!isCoordinatorMoving(error))\n                    throw new UnknownCommitError(topic, error);',
        replace: '',
      },
    ],
    shownBy: 'packages/landing/dist/commit-once.kafka.test.js',
    failure: /nothing more is committed under that membership/,
  },
  {
    name: 'metadata taken from memory after a join',
    module: 'packages/landing/dist/generation.js',
    edits: [
      {
        find: 'const { progress, isNew } = resume(found, { dest: scope.destination, accepted: undefined });',
        replace: `const own = ((globalThis.memory ??= new WeakMap()).get(scope) ?? new Map()).get(found.partition);
            const { progress, isNew } = own ? { progress: own, isNew: false } : resume(found, { dest: scope.destination, accepted: undefined });`,
      },
      {
        find: 'commit: (one, next) => committer.commit([[one, next]]),',
        replace: `commit: async (one, next) => {
                        await committer.commit([[one, next]]);
                        const memory = (globalThis.memory ??= new WeakMap());
                        if (!memory.has(scope)) memory.set(scope, new Map());
                        memory.get(scope).set(one, next);
                    },`,
      },
    ],
    shownBy: 'packages/landing/dist/rebalance.kafka.test.js',
    failure: /3000 rows landed, and lag 0, did not come/,
  },
  {
    name: 'ledger outside the transaction',
    module: 'services/capture/dist/publisher.js',
    edits: [
      {
        find: 'await this.#sendLedger(transaction, next);',
        replace: '',
      },
      {
        find: 'await transaction.commit();',
        replace: `await transaction.commit();
        const second = await producer.begin();
        await this.#sendLedger(second, next);
        await second.commit();`,
      },
    ],
    shownBy: 'e2e/dist/crash-capture.test.js',
    failure: /more than once in topic/,
  },
  {
    name: 'no fencing',
    module: 'services/capture/dist/transactional-producer.js',
    edits: [
      {
        find: 'transactionalId: options.transactionalId,',
        replace: 'transactionalId: `${options.transactionalId}-${randomUUID()}`,',
      },
    ],
    shownBy: 'e2e/dist/fencing.test.js',
    failure: /more than once in topic/,
  },
];
