import type { Mutant } from './mutant.ts';

/** Defects in the order of writing and committing, shown by real kills and rebalances. */
export const DELIVERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'commit before write',
    pitfalls: [],
    module: 'packages/landing/dist/in-flight.js',
    edits: [
      {
        find: 'await this.#context.write(range, replay);',
        replace: '',
      },
      {
        find: 'this.#context.landed(part, replay);',
        replace: 'await this.#context.write(part, replay); this.#context.landed(part, replay);',
      },
    ],
    shownBy: 'packages/landing/dist/crash.kafka.test.js',
    test: 'is followed by one that lands the same range',
    failure: /the offset has not moved/,
    needs: ['kafka'],
  },
  {
    name: 'a partition that waits keeps its fetch',
    pitfalls: ['K23'],
    module: 'packages/landing/dist/partition-landing.js',
    edits: [
      {
        find: 'const isGone = await within(waits.patienceMs, gone, signal);',
        replace: 'const isGone = await within(waits.patienceMs * 1e6, gone, signal);',
      },
    ],
    shownBy: 'packages/landing/dist/in-flight.kafka.test.js',
    test: 'a partition whose ranges do not land keeps none of the others waiting',
    failure: /the rows of the other partition did not come/,
    needs: ['kafka'],
  },
  {
    name: 'ranges land in the order in which they become durable',
    pitfalls: [],
    module: 'packages/landing/dist/in-flight.js',
    edits: [{ find: '!(await before)', replace: 'false' }],
    shownBy: 'packages/landing/dist/partition-landing.model.test.js',
    test: 'every row lands once',
    failure: /a range lands out of order/,
    needs: [],
  },
  {
    name: 'a record is in quarantine before the ranges before its own have landed',
    pitfalls: [],
    module: 'packages/landing/dist/in-flight.js',
    edits: [{ find: '!(await before)', replace: 'poison === null && !(await before)' }],
    shownBy: 'packages/landing/dist/partition-landing.model.test.js',
    test: 'around records that cannot be read or landed',
    failure: /lands out of order|put aside out of order/,
    needs: [],
  },
  {
    name: 'a record is passed over while ranges before it are in flight',
    pitfalls: [],
    module: 'packages/landing/dist/partition-landing.js',
    edits: [{ find: 'while (this.#inFlight.count > 0)', replace: 'while (false)' }],
    shownBy: 'packages/landing/dist/partition-landing.model.test.js',
    test: 'around records that cannot be read or landed',
    failure: /a record is put aside out of order/,
    needs: [],
  },
  {
    name: 'a full spool ends no range early',
    pitfalls: [],
    module: 'packages/landing/dist/spool-room.js',
    edits: [
      {
        find: "largest === asker || largest.canClose ? { close: largest } : 'wait'",
        replace: "'wait'",
      },
    ],
    shownBy: 'packages/landing/dist/spool-room.test.js',
    test: 'when the budget is full the largest open range is ended, whoever asks',
    failure: /wait/,
    needs: [],
  },
  {
    name: 'commit retried into the next generation',
    pitfalls: ['K11'],
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
    test: 'a commit whose fate is unknown is never repeated',
    failure: /nothing more is committed under that membership/,
    needs: ['kafka'],
  },
  {
    name: 'metadata taken from memory after a join',
    pitfalls: [],
    module: 'packages/landing/dist/generation.js',
    edits: [
      {
        find: 'const { progress, isNew } = resume(found, {',
        replace: `const own = ((globalThis.memory ??= new WeakMap()).get(scope) ?? new Map()).get(found.partition);
            const { progress, isNew } = own ? { progress: own, isNew: false } : resume(found, {`,
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
    test: 'reads from the broker how far others came',
    failure: /3000 rows landed, and lag 0, did not come/,
    needs: ['kafka'],
  },
  {
    name: 'a record is passed before it is in quarantine',
    pitfalls: [],
    module: 'packages/landing/dist/around-poison.js',
    edits: [
      {
        find: 'await quarantine?.keep({ partition, record, poison, already }, signal);',
        replace: '',
      },
      {
        find: 'await this.#of.commit((now) => progress.quarantine(now, record.offset));',
        replace: `await this.#of.commit((now) => progress.quarantine(now, record.offset));
        await quarantine?.keep({ partition, record, poison, already }, signal);`,
      },
    ],
    shownBy: 'packages/landing/dist/around-poison.test.js',
    test: 'a death at each single step is survived',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'a range is made smaller without its commit',
    pitfalls: [],
    module: 'packages/landing/dist/around-poison.js',
    edits: [
      {
        find: 'await this.#of.commit((now) => progress.split(now, range, last));',
        replace: '',
      },
    ],
    shownBy: 'packages/landing/dist/around-poison.test.js',
    test: 'a death at each single step is survived',
    failure: /lands out of order/,
    needs: [],
  },
  {
    name: 'an insert for a partition that is gone',
    pitfalls: ['X30'],
    module: 'services/sink-clickhouse/dist/insert.js',
    edits: [{ find: 'signal.throwIfAborted();', replace: '' }],
    shownBy: 'services/sink-clickhouse/dist/insert.test.js',
    test: 'nothing is sent for a partition that is gone',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'ledger outside the transaction',
    pitfalls: [],
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
    test: 'a capture killed in the middle of transactions repeats no row and leaves none out',
    failure: /more than once in topic/,
    needs: [],
  },
  {
    name: 'no fencing',
    pitfalls: ['K6'],
    module: 'services/capture/dist/transactional-producer.js',
    edits: [
      {
        find: 'transactionalId: options.transactionalId,',
        replace: 'transactionalId: `${options.transactionalId}-${randomUUID()}`,',
      },
    ],
    shownBy: 'e2e/dist/fencing.test.js',
    test: 'a capture that wakes up after another took over writes nothing',
    failure: /more than once in topic/,
    needs: [],
  },
];
