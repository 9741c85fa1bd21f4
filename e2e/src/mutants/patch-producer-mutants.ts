import type { Mutant } from './mutant.ts';

const KAFKAJS = 'node_modules/kafkajs/src';
const TESTS = 'packages/kafka/dist/patch';

/** The same of those that producers and admins need, and every connection. */
export const PATCH_PRODUCER_MUTANTS: readonly Mutant[] = [
  {
    name: 'kafkajs: two record batches for one partition',
    pitfalls: ['K5'],
    module: `${KAFKAJS}/producer/groupMessagesPerPartition.js`,
    edits: [{ find: 'if (result[message.partition]) {', replace: 'if (false) {' }],
    shownBy: `${TESTS}/grouping.test.js`,
    test: 'two finished batches for one partition are refused',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'kafkajs: the partitioner is asked on every attempt',
    pitfalls: ['K18'],
    module: `${KAFKAJS}/producer/groupMessagesPerPartition.js`,
    edits: [
      {
        find: 'result[message.partition] = message',
        replace: 'result[partitioner({ topic, partitionMetadata, message })] = message',
      },
    ],
    shownBy: `${TESTS}/grouping.test.js`,
    test: 'a finished batch goes to its own partition, whatever a partitioner says',
    failure: /the partition that its rows were packed for/,
    needs: [],
  },
  {
    name: 'kafkajs: messages are copied for each message',
    pitfalls: ['K19'],
    module: `${KAFKAJS}/producer/groupMessagesPerPartition.js`,
    edits: [
      {
        find: 'result[partition].push(message)',
        replace: 'result[partition] = [...result[partition], message]',
      },
    ],
    shownBy: `${TESTS}/grouping.test.js`,
    test: 'grouping messages costs in proportion to their number',
    failure: /µs of CPU for 20,000 messages/,
    needs: [],
  },
  {
    name: 'kafkajs: an idle connection sets timers',
    pitfalls: ['K15'],
    module: `${KAFKAJS}/network/requestQueue/index.js`,
    edits: [
      { find: 'if (this.pending.length === 0 && scheduleAt <= 0) {', replace: 'if (false) {' },
    ],
    shownBy: `${TESTS}/idle-timer.kafka.test.js`,
    test: 'an idle connection sets no timers',
    failure: /timers that fire at once/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: a transaction is refused while markers are written',
    pitfalls: ['K6', 'X6'],
    module: `${KAFKAJS}/producer/eosManager/index.js`,
    edits: [
      {
        find: "if (e.type !== 'CONCURRENT_TRANSACTIONS' || Date.now() > giveUpAt) throw e",
        replace: 'throw e',
      },
    ],
    shownBy: `${TESTS}/transactions-in-a-row.kafka.test.js`,
    test: 'a transaction waits until the markers of the one before are written',
    failure: /CONCURRENT_TRANSACTIONS/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: the sequence restarts wherever a batch ends',
    pitfalls: ['X7'],
    module: `${KAFKAJS}/producer/eosManager/index.js`,
    edits: [{ find: 'sequence -= INT_32_MAX_VALUE + 1', replace: 'sequence = 0' }],
    shownBy: `${TESTS}/sequence.test.js`,
    test: 'taking back a send that failed after the wrap restores the sequence',
    failure: /0 !== 5/,
    needs: [],
  },
  {
    name: 'kafkajs: a new topic is given up',
    pitfalls: ['X17'],
    module: `${KAFKAJS}/admin/index.js`,
    edits: [
      {
        find: "['LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION']",
        replace: "['LEADER_NOT_AVAILABLE']",
      },
    ],
    shownBy: `${TESTS}/created-topic.test.js`,
    test: 'a topic is waited for that the broker has not heard of yet',
    failure: /UNKNOWN_TOPIC_OR_PARTITION/,
    needs: [],
  },
  {
    name: 'kafkajs: metadata that no broker gave is read',
    pitfalls: ['X20'],
    module: `${KAFKAJS}/cluster/index.js`,
    edits: [{ find: 'if (metadata === null) throw refusal', replace: '' }],
    shownBy: `${TESTS}/no-metadata.test.js`,
    test: 'metadata that a starting broker refuses is asked for again',
    failure: /\+ null/,
    needs: [],
  },
  {
    name: 'kafkajs: a waiting request changes with its batches',
    pitfalls: ['X18'],
    module: `${KAFKAJS}/protocol/request.js`,
    edits: [{ find: 'request.buffer // eslint', replace: '// eslint' }],
    shownBy: `${TESTS}/batch-copies.test.js`,
    test: 'a request stays as it is when its batches are filled anew',
    failure: /evaluated to a falsy value/,
    needs: [],
  },
  {
    name: 'kafkajs: batches are copied from encoder to encoder',
    pitfalls: ['X19'],
    module: `${KAFKAJS}/protocol/requests/produce/v3/request.js`,
    edits: [{ find: '.writeView(batch)', replace: '.writeBuffer(batch)' }],
    shownBy: `${TESTS}/batch-copies.test.js`,
    test: 'finished batches are copied once on their way into a request',
    failure: /bytes were allocated for/,
    needs: [],
  },
];
