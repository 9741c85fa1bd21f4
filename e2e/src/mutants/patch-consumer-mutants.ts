import type { Mutant } from './mutant.ts';

const KAFKAJS = 'node_modules/kafkajs/src';
const TESTS = 'packages/kafka/dist/patch';

/** Hunks of the kafkajs patch that consumers need, taken back: the library as it is published. */
export const PATCH_CONSUMER_MUTANTS: readonly Mutant[] = [
  {
    name: 'kafkajs: an offset out of range is committed over',
    pitfalls: ['K8'],
    module: `${KAFKAJS}/consumer/consumerGroup.js`,
    edits: [
      {
        find: `throw new KafkaJSNonRetriableError(
        \`Offset out of range: \${e.topic}[\${e.partition}], group \${this.groupId}\`,
        { cause: e }
      )`,
        replace: `await this.offsetManager.setDefaultOffset({ topic: e.topic, partition: e.partition })`,
      },
    ],
    shownBy: `${TESTS}/out-of-range.kafka.test.js`,
    test: 'its commit as it was (fromBeginning: true)',
    failure: /nothing from behind the gap/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: aborted transactions in the order of their ends',
    pitfalls: ['K22'],
    module: `${KAFKAJS}/consumer/filterAbortedMessages.js`,
    edits: [
      {
        find: `.sort((a, b) =>
    Long.fromValue(a.firstOffset).compare(Long.fromValue(b.firstOffset))
  )`,
        replace: '',
      },
      { find: 'while (\n      remainingAborted', replace: 'if (\n      remainingAborted' },
    ],
    shownBy: `${TESTS}/abort-filter.kafka.test.js`,
    test: 'read_committed shows exactly the committed records',
    failure: /records of aborted transactions are shown/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: a key of four zeros ends a transaction',
    pitfalls: ['K22'],
    module: `${KAFKAJS}/consumer/filterAbortedMessages.js`,
    edits: [{ find: 'if (!isControlRecord) return false', replace: '' }],
    shownBy: `${TESTS}/abort-filter.kafka.test.js`,
    test: 'read_committed shows exactly the committed records',
    failure: /records of aborted transactions are shown/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: a batch of an earlier generation moves the position',
    pitfalls: ['K21'],
    module: `${KAFKAJS}/consumer/runner.js`,
    edits: [
      {
        find: 'const isCurrent = () => batch.generationId === this.consumerGroup.generationId',
        replace: 'const isCurrent = () => true',
      },
    ],
    shownBy: `${TESTS}/stale-generation.test.js`,
    test: 'a batch that the handler has finished resolves in its own generation only',
    failure: /resolved into a later generation/,
    needs: [],
  },
  {
    name: 'kafkajs: a batch of the generation in which it came',
    pitfalls: ['K21'],
    module: `${KAFKAJS}/consumer/consumerGroup.js`,
    edits: [
      {
        find: 'Object.assign(batch, { memberId, generationId })',
        replace:
          'Object.assign(batch, { memberId: this.memberId, generationId: this.generationId })',
      },
    ],
    shownBy: `${TESTS}/stale-generation.test.js`,
    test: 'a batch belongs to the generation in which it was asked for',
    failure: /2 !== 1/,
    needs: [],
  },
  {
    name: 'kafkajs: a commit is sent again',
    pitfalls: ['K11'],
    module: `${KAFKAJS}/consumer/index.js`,
    edits: [
      {
        find: 'await coordinator.offsetCommit({ groupId, memberId, groupGenerationId: generationId, topics })',
        replace: `const commit = () => coordinator.offsetCommit({ groupId, memberId, groupGenerationId: generationId, topics })
    await commit().catch(commit)`,
      },
    ],
    shownBy: `${TESTS}/commit-once.kafka.test.js`,
    test: 'a commit that meets a connection error is not sent again',
    failure: /2 !== 1/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: the end of a partition is shown to nobody',
    pitfalls: ['K7'],
    module: `${KAFKAJS}/consumer/runner.js`,
    edits: [
      {
        find: 'const shown = this.consumerGroup.rawRecordBatches && batch.isEmptyDueToFiltering()',
        replace: 'const shown = false',
      },
    ],
    shownBy: `${TESTS}/raw-fetch.kafka.test.js`,
    test: 'raw consumers are shown that nothing is left of what was fetched',
    failure: /undefined !== '2'/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: records as arguments of one call',
    pitfalls: ['X13'],
    module: `${KAFKAJS}/protocol/requests/fetch/v4/decodeMessages.js`,
    edits: [
      {
        find: 'for (const record of recordBatch.records) records.push(record)',
        replace: 'records.push(...recordBatch.records)',
      },
    ],
    shownBy: `${TESTS}/large-batch.test.js`,
    test: 'a batch of 200,000 records does not overflow the stack',
    failure: /Maximum call stack size exceeded/,
    needs: [],
  },
  {
    name: 'kafkajs: a batch without records is fetched for ever',
    pitfalls: ['X14'],
    module: `${KAFKAJS}/protocol/recordBatch/v0/decoder.js`,
    edits: [{ find: 'if (records.length === 0) {', replace: 'if (false) {' }],
    shownBy: `${TESTS}/empty-batches.kafka.test.js`,
    test: 'a compacted topic is read past a batch that has no records left',
    failure: /did not get to its end/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: an old broker delivers records for batches',
    pitfalls: ['K17'],
    module: `${KAFKAJS}/broker/index.js`,
    edits: [
      {
        find: 'if (rawRecordBatches && fetchRequest.request.apiVersion < 11) {',
        replace: 'if (false) {',
      },
    ],
    shownBy: `${TESTS}/raw-fetch.kafka.test.js`,
    test: 'a broker that is too old for raw batches is refused',
    failure: /Missing expected rejection/,
    needs: ['kafka'],
  },
  {
    name: 'kafkajs: an answer that came whole is copied behind nothing',
    pitfalls: ['X47'],
    module: `${KAFKAJS}/network/connection.js`,
    edits: [
      { find: 'remainderBuffer.length > 0 ? [remainderBuffer] : []', replace: '[remainderBuffer]' },
    ],
    shownBy: `${TESTS}/whole-answers.test.js`,
    test: 'answers that come whole are read where they are',
    failure: /answer 2 was copied/,
    needs: [],
  },
];
