import type { Mutant } from './mutant.ts';

const CAPTURE = 'services/capture/dist';
const STREAM = `${CAPTURE}/binlog-stream.js`;
const STREAM_TEST = `${CAPTURE}/binlog-stream.mariadb.test.js`;
const ERRORS = `${CAPTURE}/dump-error.js`;
const ERRORS_TEST = `${CAPTURE}/dump-error.test.js`;
const CONNECTION = 'packages/database/dist/connection.js';

/** The connections to the source as the libraries make them, and positions as the server tells them. */
export const SOURCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a network that is cut without a word',
    pitfalls: ['Z3', 'Z4'],
    module: STREAM,
    edits: [
      { find: 'if (silentMs < this.#options.timeoutMs)\n            return;', replace: 'return;' },
    ],
    shownBy: STREAM_TEST,
    test: 'a network that carries nothing any more is noticed',
    failure: /the loss of the source did not come/,
    needs: ['mariadb'],
  },
  {
    name: 'no heartbeats are asked for',
    pitfalls: ['Z4'],
    module: STREAM,
    edits: [
      {
        find: 'connection.query(`SET @master_heartbeat_period = ${nanoseconds}, @source_heartbeat_period = ${nanoseconds}`, failOn);',
        replace: '',
      },
    ],
    shownBy: STREAM_TEST,
    test: 'a source that writes nothing is heard all the same',
    failure: /heartbeats did not come/,
    needs: ['mariadb'],
  },
  {
    name: 'an error of the connection is passed over',
    pitfalls: ['Z5', 'Z10'],
    module: STREAM,
    edits: [
      {
        find: "this.#zongji.on('error', (error) => this.#fail(error));",
        replace: "this.#zongji.on('error', () => { });",
      },
    ],
    shownBy: STREAM_TEST,
    test: 'what the server refuses, and the loss of either connection, ends the stream',
    failure: /the end of the stream did not come/,
    needs: ['mariadb'],
  },
  {
    name: 'the server waits a minute for a reader',
    pitfalls: ['Z6'],
    module: STREAM,
    edits: [
      {
        find: 'connection.query(`SET SESSION net_write_timeout = ${NET_TIMEOUT_SECONDS}, net_read_timeout = ${NET_TIMEOUT_SECONDS}`, failOn);',
        replace: '',
      },
    ],
    shownBy: STREAM_TEST,
    test: 'a pause that is longer than the server waits for readers loses nothing',
    failure: /the server ended the stream in the pause/,
    needs: ['mariadb'],
  },
  {
    name: 'every capture has the server id 1',
    pitfalls: ['Z16'],
    module: STREAM,
    edits: [{ find: 'serverId,\n            filename:', replace: 'filename:' }],
    shownBy: STREAM_TEST,
    test: 'streams with server ids of their own leave each other alone',
    failure: /one stream ended the other/,
    needs: ['mariadb'],
  },
  {
    name: 'another replica with our server id is connected against',
    pitfalls: ['Z16'],
    module: ERRORS,
    edits: [{ find: '/same server_(?:id|uuid)/i.test(message)', replace: 'false' }],
    shownBy: ERRORS_TEST,
    test: 'what an error of the dump means depends on whether the resume point was found',
    failure: /stop server-id-taken/,
    needs: [],
  },
  {
    name: 'a lost connection is for people',
    pitfalls: ['Z10'],
    module: ERRORS,
    edits: [
      {
        find: 'return new RetryableError(`the binlog connection was lost',
        replace: 'return new PermanentError(`the binlog connection was lost',
      },
      {
        find: "code: 'source-connection',",
        replace: "code: 'source-connection', remedy: 'Wait.',",
      },
    ],
    shownBy: ERRORS_TEST,
    test: 'what an error of the dump means depends on whether the resume point was found',
    failure: /retry source-connection/,
    needs: [],
  },
  {
    name: 'what the server cannot read is for people at once',
    pitfalls: ['X21'],
    module: ERRORS,
    edits: [{ find: 'return isKnown() ?', replace: 'return true ?' }],
    shownBy: ERRORS_TEST,
    test: 'what an error of the dump means depends on whether the resume point was found',
    failure: /retry binlog-unreadable/,
    needs: [],
  },
  {
    name: 'a binlog may end before what was captured of it',
    pitfalls: ['X21'],
    module: `${CAPTURE}/source-watch.js`,
    edits: [{ find: 'requireReached(report.position, captured);', replace: '' }],
    shownBy: `${CAPTURE}/source-watch.test.js`,
    test: 'a binlog that ends before what was captured of it ends the session',
    failure: /its end did not come/,
    needs: [],
  },
  {
    name: 'dates in the zone of this machine',
    pitfalls: ['Z12'],
    module: CONNECTION,
    edits: [{ find: 'dateStrings: true,', replace: 'dateStrings: false,' }],
    shownBy: 'packages/database/dist/connection.mariadb.test.js',
    test: 'values keep every digit, and dates do not depend on any time zone',
    failure: /Expected values to be/,
    needs: ['mariadb'],
  },
  {
    name: "a certificate for another server's name",
    pitfalls: ['Z15'],
    module: CONNECTION,
    edits: [{ find: 'verifyIdentity: true,', replace: 'verifyIdentity: false,' }],
    shownBy: 'packages/database/dist/tls.mariadb.test.js',
    test: 'tls=true refuses a certificate for another name',
    failure: /Missing expected rejection/,
    needs: ['mariadb'],
  },
  {
    name: 'the end of the binlog is taken for what can be seen',
    pitfalls: ['X2'],
    module: `${CAPTURE}/visible-position.js`,
    edits: [
      {
        find: '? snapshotPosition(connection)',
        replace: "? currentPosition(connection, 'mariadb')",
      },
    ],
    shownBy: `${CAPTURE}/visible-position.mariadb.test.js`,
    test: 'a position is behind no transaction that cannot be seen yet',
    failure: /the held row is before it/,
    needs: ['mariadb'],
  },
  {
    name: 'transactions that still commit are not waited for',
    pitfalls: ['X2'],
    module: `${CAPTURE}/visible-position.js`,
    edits: [
      {
        find: 'while ((await committing(connection)).ids.some((id) => before.has(id))) {',
        replace: 'while (false) {',
      },
    ],
    shownBy: `${CAPTURE}/visible-position.mysql.test.js`,
    test: 'a position waits for transactions that may be in the binlog already',
    failure: /the row of that transaction can be seen/,
    needs: ['mysql'],
  },
  {
    name: 'what InnoDB says of its transactions is believed, though it may be from before',
    pitfalls: ['X2'],
    module: `${CAPTURE}/visible-position.js`,
    edits: [{ find: 'if (isFresh)', replace: 'if (true)' }],
    shownBy: `${CAPTURE}/visible-position.mysql.test.js`,
    test: 'a position waits for an answer of now: InnoDB repeats the last one to whoever asks all the time',
    failure: /the row of that transaction can be seen/,
    needs: ['mysql'],
  },
];
