import type { Mutant } from './mutant.ts';

const CAPTURE = 'services/capture/dist';
const PRODUCER = `${CAPTURE}/transactional-producer.js`;
const PRODUCER_TEST = `${CAPTURE}/transactional-producer.test.js`;
const PUBLISHER = `${CAPTURE}/publisher.js`;
const PUBLISHER_TEST = `${CAPTURE}/publisher.test.js`;

const NO_RETRIES = 'retry: { retries: 0 },';
const RETRIES = 'retry: { retries: 5, initialRetryTime: 10 },';
/** As kafkajs has it for a producer that is idempotent. */
const TRIES_FOR_EVER = 'retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 10 },';

/** One outstanding send, one attempt, and no way back for a producer that has failed. */
export const PRODUCER_MUTANTS: readonly Mutant[] = [
  {
    name: 'two transactions at once',
    pitfalls: ['K1', 'K6'],
    module: PUBLISHER,
    edits: [
      {
        find: 'const mine = this.#turn.then(() => this.#publish(chunks, change));',
        replace: 'const mine = this.#publish(chunks, change);',
      },
    ],
    shownBy: PUBLISHER_TEST,
    test: 'transactions take turns, and in each one send follows another',
    failure: /two were open at once/,
    needs: [],
  },
  {
    name: 'a send without an answer is sent again',
    pitfalls: ['K1'],
    module: PRODUCER,
    edits: [{ find: NO_RETRIES, replace: RETRIES }],
    shownBy: PRODUCER_TEST,
    test: 'a send whose answer is lost is not sent again',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'a send that one of two leaders refused is sent to both again',
    pitfalls: ['K2'],
    module: PRODUCER,
    edits: [{ find: NO_RETRIES, replace: RETRIES }],
    shownBy: PRODUCER_TEST,
    test: 'what one of two leaders refused is sent again to neither',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'a fenced producer is used again',
    pitfalls: ['K3'],
    module: PRODUCER,
    edits: [
      {
        find: 'this.#producer = kafka.producer({',
        replace: 'this.#producer = globalThis.kept ??= kafka.producer({',
      },
    ],
    shownBy: PRODUCER_TEST,
    test: 'a producer that was fenced stays so, and the one after it goes on',
    failure: /beginning a transaction failed/,
    needs: [],
  },
  {
    name: 'a send is tried for ever',
    pitfalls: ['K4'],
    module: PRODUCER,
    edits: [{ find: NO_RETRIES, replace: TRIES_FOR_EVER }],
    shownBy: PRODUCER_TEST,
    test: 'a send that can never succeed fails at once',
    failure: /test timed out/,
    needs: [],
  },
  {
    name: 'a send of which a part was written',
    pitfalls: ['K20'],
    module: PRODUCER,
    edits: [
      { find: NO_RETRIES, replace: RETRIES },
      {
        find: 'if (found?.errorCode !== 0 || !Number.isSafeInteger(baseOffset) || baseOffset < 0) {',
        replace: 'if (false) {',
      },
    ],
    shownBy: PRODUCER_TEST,
    test: 'a partition whose leader moved while it was written to is never taken for written',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'a partition that nobody acknowledged',
    pitfalls: ['K20'],
    module: PRODUCER,
    edits: [
      {
        find: 'if (found?.errorCode !== 0 || !Number.isSafeInteger(baseOffset) || baseOffset < 0) {',
        replace: 'if (false) {',
      },
    ],
    shownBy: PRODUCER_TEST,
    test: 'every partition must be acknowledged',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'a commit without an answer counts',
    pitfalls: ['K6'],
    module: PRODUCER,
    edits: [
      {
        find: "explained('committing a transaction', () => transaction.commit())",
        replace:
          "explained('committing a transaction', () => transaction.commit()).catch(() => {})",
      },
    ],
    shownBy: PRODUCER_TEST,
    test: 'a commit whose answer is lost is no commit, and the producer is of no use any more',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'half a transaction is committed',
    pitfalls: ['X5'],
    module: PUBLISHER,
    edits: [
      {
        find: 'await transaction.send(topic, batches);',
        replace: 'await transaction.send(topic, batches).catch(() => []);',
      },
    ],
    shownBy: PUBLISHER_TEST,
    test: 'a send that fails ends the transaction: neither committed nor aborted',
    failure: /Missing expected rejection/,
    needs: [],
  },
];
