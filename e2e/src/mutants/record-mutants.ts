import type { Mutant } from './mutant.ts';

const KAFKA = 'packages/kafka/dist';

/** What is ours around kafkajs: batches, topics and errors without their guards. */
export const RECORD_MUTANTS: readonly Mutant[] = [
  {
    name: 'a damaged record batch is read',
    pitfalls: ['X12'],
    module: `${KAFKA}/walk.js`,
    edits: [{ find: 'if (actual === raw.crc)\n        return;', replace: 'return;' }],
    shownBy: `${KAFKA}/walk.test.js`,
    test: 'a flipped bit anywhere behind the checksum is found',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'timestamps compared as text',
    pitfalls: ['X11'],
    module: `${KAFKA}/record-batch.js`,
    edits: [
      {
        find: 'else if (timestampMs > this.#maxTimestampMs)',
        replace: 'else if (String(timestampMs) > String(this.#maxTimestampMs))',
      },
    ],
    shownBy: `${KAFKA}/record-batch.test.js`,
    test: 'the latest time in the header is the largest number',
    failure: /300n !== 1000n/,
    needs: [],
  },
  {
    name: 'a batch that grows beyond what a broker takes',
    pitfalls: ['K5'],
    module: `${KAFKA}/record-batch.js`,
    edits: [{ find: 'this.#end + most > this.#capacityBytes', replace: 'this.#end + most > 2e6' }],
    shownBy: 'services/capture/dist/record-packer.test.js',
    test: 'every row is in the batch of its key, once, and in order; no batch is too large',
    failure: /byteLength <= DEFAULT_BATCH_BYTES|out of range|outside buffer bounds/,
    needs: [],
  },
  {
    name: 'rows expire by their commit time',
    pitfalls: ['X4'],
    module: `${KAFKA}/topic-spec.js`,
    edits: [{ find: "'retention.ms': { value: '-1', why: expires },", replace: '' }],
    shownBy: `${KAFKA}/topic-spec.test.js`,
    test: 'retention.ms=604800000 is refused',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'the broker compresses again',
    pitfalls: ['K16', 'X10'],
    module: `${KAFKA}/topic-spec.js`,
    edits: [{ find: "'compression.type': {", replace: "'compression.of.nobody': {" }],
    shownBy: `${KAFKA}/topic-spec.test.js`,
    test: 'compression.type=lz4 is refused',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'an error is known only while nobody has wrapped it',
    pitfalls: ['X8'],
    module: `${KAFKA}/errors.js`,
    edits: [{ find: 'depth < 10', replace: 'depth < 1' }],
    shownBy: `${KAFKA}/errors.test.js`,
    test: "the broker's error is found however deep it was wrapped",
    failure: /OUT_OF_ORDER_SEQUENCE_NUMBER/,
    needs: [],
  },
  {
    name: 'kafkajs without its patch is taken',
    pitfalls: ['X16'],
    module: `${KAFKA}/patch-marker.js`,
    edits: [{ find: 'if (found === PATCH)\n        return;', replace: 'return;' }],
    shownBy: `${KAFKA}/patch-marker.test.js`,
    test: 'kafkajs with no patch is refused, with the remedy',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'records before the committed offset land',
    pitfalls: ['X9'],
    module: 'packages/landing/dist/range-cut.js',
    edits: [
      {
        find: 'offset < this.#options.start || offset <= this.last',
        replace: 'offset <= this.last',
      },
    ],
    shownBy: 'packages/landing/dist/range-cut.test.js',
    test: 'records below the committed offset are skipped: a batch may begin before it',
    failure: /1 !== 0/,
    needs: [],
  },
];
