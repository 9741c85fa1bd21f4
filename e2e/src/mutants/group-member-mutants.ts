import type { Mutant } from './mutant.ts';

const LANDING = 'packages/landing/dist';

/** What sinks do about consumer groups as kafkajs has them, undone. */
export const GROUP_MEMBER_MUTANTS: readonly Mutant[] = [
  {
    name: 'kafkajs commits what a handler has taken',
    pitfalls: ['K9'],
    module: `${LANDING}/session.js`,
    edits: [{ find: 'autoCommit: false', replace: 'autoCommit: true' }],
    shownBy: `${LANDING}/stop.kafka.test.js`,
    test: 'an orderly stop leaves what would have waited for more, and the next sink lands it',
    failure: /metadata/,
    needs: ['kafka'],
  },
  {
    name: 'a commit while the consumer stops is left to kafkajs',
    pitfalls: ['K10'],
    module: `${LANDING}/committer.js`,
    edits: [
      {
        find: 'this.#consumer.commitOffsetsOnce({ ...membership, topics: [{ topic, partitions }] })',
        replace: 'this.#consumer.commitOffsets(partitions.map((one) => ({ topic, ...one })))',
      },
    ],
    shownBy: `${LANDING}/commit-stopping.kafka.test.js`,
    test: 'a commit while the consumer stops is made, and one that is refused is told',
    failure: /the commit did not come/,
    needs: ['kafka'],
  },
  {
    name: 'a member is silent while it works',
    pitfalls: ['K12'],
    module: `${LANDING}/heartbeats.js`,
    edits: [{ find: 'await beat();', replace: '' }],
    shownBy: `${LANDING}/heartbeats.test.js`,
    test: 'a member is heard of for as long as its work takes',
    failure: /three heartbeats did not come/,
    needs: [],
  },
  {
    name: 'a member that the group goes on without works on',
    pitfalls: ['K12'],
    module: `${LANDING}/heartbeats.js`,
    edits: [{ find: "JOIN_AGAIN.has(kafkaErrorType(error) ?? '')", replace: 'false' }],
    shownBy: `${LANDING}/heartbeats.test.js`,
    test: 'the wait for work ends when the group goes on without the member: ILLEGAL_GENERATION',
    failure: /the end of the membership did not come/,
    needs: [],
  },
  {
    name: 'a consumer that has crashed is not looked at',
    pitfalls: ['K13'],
    module: `${LANDING}/session.js`,
    edits: [
      {
        find: 'consumer.on(consumer.events.CRASH, ({ payload }) => this.#failed(crashed(payload.error)));',
        replace: '',
      },
    ],
    shownBy: `${LANDING}/crashed-consumer.kafka.test.js`,
    test: 'a consumer that kafkajs has given up ends the sink, also while nothing is to be done',
    failure: /the end of the sink did not come/,
    needs: ['kafka'],
  },
  {
    name: 'a batch that cannot be decompressed is an error like others',
    pitfalls: ['K16'],
    module: `${LANDING}/session.js`,
    edits: [{ find: "one.name === 'KafkaJSNotImplemented'", replace: 'false' }],
    shownBy: `${LANDING}/crashed-consumer.kafka.test.js`,
    test: 'batches that the broker has compressed end the sink, which says what to set',
    failure: /LZ4 compression not implemented/,
    needs: ['kafka'],
  },
];
