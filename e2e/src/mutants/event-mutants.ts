import type { Mutant } from './mutant.ts';

const CAPTURE = 'services/capture/dist';
const TAP = `${CAPTURE}/binlog-tap.js`;
const TAP_TEST = `${CAPTURE}/binlog-tap.test.js`;
const READER = `${CAPTURE}/binlog-reader.js`;
const GROUP_EVENTS = `${CAPTURE}/group-events.js`;
const ROW_EVENTS = `${CAPTURE}/row-events.js`;
const READER_TEST = `${CAPTURE}/binlog-reader.test.js`;

/** Events taken as zongji takes them: whatever comes, wherever it says that it ends. */
export const EVENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a compressed transaction is passed over',
    pitfalls: ['Z1'],
    module: READER,
    edits: [{ find: 'this.#beginPayload(event, at + HEADER_BYTES, stop);', replace: ';' }],
    shownBy: `${CAPTURE}/compressed-groups.test.js`,
    test: 'a mixture of compressed and plain groups gives the rows of all',
    failure: /a group begins within another/,
    needs: [],
  },
  {
    name: 'events that nobody knows are passed over',
    pitfalls: ['Z2'],
    module: `${CAPTURE}/event-codes.js`,
    edits: [{ find: '(KNOWN[code] ? 1 : 0)', replace: '1' }],
    shownBy: READER_TEST,
    test: 'an event that cannot be captured stops: INCIDENT',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'checksums of events are not looked at',
    pitfalls: ['Z2'],
    module: TAP,
    edits: [{ find: 'if (stored !== computed) {', replace: 'if (false) {' }],
    shownBy: TAP_TEST,
    test: 'one wrong bit anywhere in an event is seen, and nothing comes after it',
    failure: /Expected values to be/,
    needs: [],
  },
  {
    name: "the stream's end is no event",
    pitfalls: ['Z3'],
    module: TAP,
    edits: [
      {
        find: 'if (first === END_OF_FILE && end - offset < END_OF_FILE_BYTES)\n            throw endOfStream();',
        replace: '',
      },
    ],
    shownBy: TAP_TEST,
    test: "the server's end of the stream is told, though zongji says nothing",
    failure: /source-connection/,
    needs: [],
  },
  {
    name: 'events go on after one that failed',
    pitfalls: ['Z5'],
    module: TAP,
    edits: [{ find: 'if (this.#failed)\n            return;', replace: '' }],
    shownBy: TAP_TEST,
    test: 'an error of whoever takes the events is told once, and ends it',
    failure: /Expected values to be strictly equal/,
    needs: [],
  },
  {
    name: 'a connection is paused within an event',
    pitfalls: ['Z6'],
    module: TAP,
    edits: [
      {
        find: 'if (this.#packet === undefined)\n            this.#connection.pause();\n        else\n            this.#pauseWanted = true;',
        replace: 'this.#connection.pause();',
      },
    ],
    shownBy: TAP_TEST,
    test: 'an event that zongji parses after a pause within it comes once',
    failure: /the event came again/,
    needs: [],
  },
  {
    name: 'rows of a table that nobody described are passed over',
    pitfalls: ['Z7'],
    module: ROW_EVENTS,
    edits: [
      {
        find: 'throw ReaderError.unknownTable(tableId);',
        replace: "return 'other';",
      },
    ],
    shownBy: READER_TEST,
    test: 'rows without a table map in their group stop, though an earlier group had one',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'a position within a group is saved',
    pitfalls: ['Z7'],
    module: `${CAPTURE}/group-rules.js`,
    edits: [{ find: "return this.#state === 'between';", replace: 'return true;' }],
    shownBy: READER_TEST,
    test: 'no place within a group is one to go on from',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'a GTID counts before its group has ended',
    pitfalls: ['Z8'],
    module: `${CAPTURE}/event-gtids.js`,
    edits: [
      {
        find: 'this.#tracker.announce(event, at + HEADER_BYTES, layout.serverId(event, at));',
        replace:
          'this.#tracker.announce(event, at + HEADER_BYTES, layout.serverId(event, at)); this.#tracker.fold();',
      },
    ],
    shownBy: READER_TEST,
    test: 'a GTID counts when its group has ended, and not before',
    failure: /Expected values to be strictly equal/,
    needs: [],
  },
  {
    name: 'a position of 32 bits',
    pitfalls: ['Z9'],
    module: `${CAPTURE}/binlog-cursor.js`,
    edits: [
      { find: 'next === 0 ? least : whole(next, least)', replace: 'next === 0 ? least : next' },
    ],
    shownBy: `${CAPTURE}/binlog-cursor.test.js`,
    test: 'a file larger than 4 GiB is counted on',
    failure: /21 !== 4294967317/,
    needs: [],
  },
  {
    name: 'a dump from beyond 32 bits',
    pitfalls: ['Z9'],
    module: `${CAPTURE}/resume-point.js`,
    edits: [{ find: 'from > MAX_START ? FILE_START : from', replace: 'from' }],
    shownBy: `${CAPTURE}/dump-error.test.js`,
    test: 'a place beyond 4 GiB cannot be asked for: its file is read from the beginning',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'a table id lives longer than its group',
    pitfalls: ['Z9'],
    module: GROUP_EVENTS,
    edits: [{ find: 'maps.forget();', replace: '' }],
    shownBy: READER_TEST,
    test: 'rows without a table map in their group stop, though an earlier group had one',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'a table of the same name in another database',
    pitfalls: ['Z9'],
    module: `${CAPTURE}/table-maps.js`,
    edits: [
      { find: 'database.compare(event, at + 1, at + 1 + database.length) === 0 &&', replace: '' },
    ],
    shownBy: READER_TEST,
    test: 'a table of the same name in another database is another table',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'columns that are not in the image are taken for NULL',
    pitfalls: ['Z11'],
    module: ROW_EVENTS,
    edits: [{ find: ' || !header.allPresent', replace: '' }],
    shownBy: READER_TEST,
    test: 'a row without all of its columns stops',
    failure: /Missing expected exception/,
    needs: [],
  },
  {
    name: 'an event that says no position',
    pitfalls: ['X15'],
    module: `${CAPTURE}/binlog-cursor.js`,
    edits: [{ find: 'next === 0 ? least : whole(next, least)', replace: 'whole(next, least)' }],
    shownBy: READER_TEST,
    test: 'events of which MariaDB says no position inside of a transaction are counted',
    failure: /could not end before/,
    needs: [],
  },
];
