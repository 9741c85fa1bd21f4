import type { Mutant } from './mutant.ts';

const CAPTURE = 'services/capture/dist';
const GROUP_EVENTS = `${CAPTURE}/group-events.js`;
const READER_TEST = `${CAPTURE}/binlog-reader.test.js`;

/** What the events of a group are taken for: rows that were taken back, changed, or not to be held. */
export const GROUP_MUTANTS: readonly Mutant[] = [
  {
    name: 'a row beyond what numbers hold',
    pitfalls: ['Z12'],
    module: 'packages/schema/dist/row-writer.js',
    edits: [
      {
        find: "if (high > 0x1f_ffff)\n            throw this.#error(buffer, layout.ID, 'it is above 2^53 - 1');",
        replace: '',
      },
    ],
    shownBy: READER_TEST,
    test: 'a row that cannot be read stops',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'a timestamp is a number with a sign',
    pitfalls: ['Z12'],
    module: 'packages/schema/dist/time-reader.js',
    edits: [{ find: ' >>> 0)', replace: ')' }],
    shownBy: 'packages/schema/dist/row-encoder.test.js',
    test: 'a timestamp behind 2038 is not negative',
    failure: /Expected values to be/,
    needs: [],
  },
  {
    name: 'an UPDATE goes unnoticed',
    pitfalls: ['Z13'],
    module: GROUP_EVENTS,
    edits: [{ find: "events.updated('UPDATE');", replace: ';' }],
    shownBy: READER_TEST,
    test: 'UPDATE, TRUNCATE, DROP and DELETE of the table are told',
    failure: /updated UPDATE/,
    needs: [],
  },
  {
    name: 'a group is held until it ends, however large',
    pitfalls: ['Z14'],
    module: `${CAPTURE}/row-events.js`,
    edits: [{ find: 'collector.groupBytes >= maxGroupBytes', replace: 'false' }],
    shownBy: READER_TEST,
    test: 'a group larger than may be held goes out in parts',
    failure: /0 rows may go out of a group that is still open/,
    needs: [],
  },
  {
    name: 'reading goes on, however much waits',
    pitfalls: ['Z6', 'Z14'],
    module: `${CAPTURE}/batch-queue.js`,
    edits: [{ find: 'this.bytes >= this.#limits.queueBytes &&', replace: 'false &&' }],
    shownBy: `${CAPTURE}/batch-queue.test.js`,
    test: 'reading pauses when too much waits that can go, and goes on at half of it',
    failure: /Expected values to be strictly equal/,
    needs: [],
  },
  {
    name: 'a rewound server is gone on at',
    pitfalls: ['X1'],
    module: `${CAPTURE}/resume-point.js`,
    edits: [
      {
        find: 'if (event !== null && (seen.start !== event.start || seen.crc32 !== event.crc32)) {',
        replace: 'if (false) {',
      },
    ],
    shownBy: READER_TEST,
    test: 'capture goes on behind the event that the checkpoint remembers',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'rows that were rolled back go out',
    pitfalls: ['X3'],
    module: GROUP_EVENTS,
    edits: [{ find: 'this.#parts.collector.cut(0);', replace: '' }],
    shownBy: READER_TEST,
    test: 'rolled-back rows are in the binlog and do not go out',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'rows behind a savepoint go out though it was gone back to',
    pitfalls: ['X3'],
    module: `${CAPTURE}/group-rules.js`,
    edits: [{ find: 'this.#rows = mark;', replace: '' }],
    shownBy: READER_TEST,
    test: 'rolled-back rows are in the binlog and do not go out',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'a group that ends with a COMMIT in words',
    pitfalls: ['X3'],
    module: `${CAPTURE}/group-statement.js`,
    edits: [{ find: 'return group.commit();', replace: "return 'open';" }],
    shownBy: READER_TEST,
    test: 'a group may end with Query COMMIT',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'rows that are only prepared go out',
    pitfalls: ['X3'],
    module: `${CAPTURE}/group-rules.js`,
    edits: [
      {
        find: "if (this.#state === 'xa')\n            throw xaGroup();\n        if (this.#state !== 'transaction')",
        replace: "if (this.#state !== 'transaction' && this.#state !== 'xa')",
      },
    ],
    shownBy: READER_TEST,
    test: 'an XA transaction that writes the table stops',
    failure: /Missing expected exception/,
    needs: [],
  },
];
