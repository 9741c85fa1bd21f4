import type { Mutant } from './mutant.ts';

const FILES = 'packages/files/dist';
const SINK_FILE = 'services/sink-file/dist';

/** Sinks of files without what makes a file count: whole, on the disk, and the range's own. */
export const FILE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a file has its name before its bytes are on the disk',
    pitfalls: [],
    module: `${SINK_FILE}/file-store.js`,
    edits: [{ find: 'await sync(files, object.path);', replace: '' }],
    shownBy: `${SINK_FILE}/file-store.test.js`,
    test: 'bytes are on the disk before the name',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'the empty folder under a mount is written to',
    pitfalls: [],
    module: `${SINK_FILE}/file-store.js`,
    edits: [{ find: 'await this.#marker.check(fingerprint);', replace: '' }],
    shownBy: `${SINK_FILE}/file-store.test.js`,
    test: 'another folder under a running sink stops it before anything is written',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'a link that hangs is waited for, though its partition is gone',
    pitfalls: [],
    module: `${SINK_FILE}/file-store.js`,
    edits: [
      {
        find: 'unlessAborted(this.#create(object, this.#started, signal), signal)',
        replace: 'this.#create(object, this.#started, signal)',
      },
    ],
    shownBy: `${SINK_FILE}/conformance.test.js`,
    test: 'a write that hangs rejects soon when it is aborted',
    failure: /an aborted write rejects within 5000 ms/,
    needs: [],
  },
  {
    name: 'a file that a dead process has linked is not in the manifest',
    pitfalls: [],
    module: `${SINK_FILE}/file-store.js`,
    edits: [{ find: 'await this.#noteExisting(object.name, manifest);', replace: '' }],
    shownBy: `${SINK_FILE}/deaths.test.js`,
    test: 'whichever step a process dies at, the range lands once',
    failure: /died at step \d+, sync/,
    needs: [],
  },
  {
    name: 'a file of the same name counts as the same',
    pitfalls: ['G6', 'S4'],
    module: `${FILES}/object-sink.js`,
    edits: [{ find: 'if (difference === null)', replace: 'if (difference !== undefined)' }],
    shownBy: `${FILES}/object-sink.test.js`,
    test: 'a file with other rows under the name stops',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'rows that were read back are taken for the range’s',
    pitfalls: [],
    module: `${FILES}/day-files.js`,
    edits: [{ find: 'this.#checkWhole();', replace: '' }],
    shownBy: `${FILES}/range-files.test.js`,
    test: 'rows that were not read back whole, or differ, make no files',
    failure: /Missing expected rejection/,
    needs: [],
  },
  {
    name: 'what snappy has compressed piles up',
    pitfalls: ['X40'],
    module: `${FILES}/codec.js`,
    edits: [
      {
        find: 'compressSnappy(datums, { copyOutputData: true })',
        replace: 'compressSnappy(datums)',
      },
    ],
    shownBy: `${FILES}/codec.test.js`,
    test: 'blocks that snappy has compressed do not pile up in memory',
    failure: /\d+ MB more/,
    needs: [],
  },
];
