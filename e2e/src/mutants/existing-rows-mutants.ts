import type { Mutant } from './mutant.ts';

const LANDING = 'packages/landing/dist';
const FILES = 'packages/files/dist';

/** What keeps rows that another archiver has left from being landed again, taken away. */
export const EXISTING_ROWS_MUTANTS: readonly Mutant[] = [
  {
    name: 'a range is taken to be new when it ends above the archiver’s last id',
    pitfalls: [],
    module: `${LANDING}/existing-rows.js`,
    edits: [
      {
        find: 'heldOf({ minId }, { heldUpTo })',
        replace: 'heldOf({ maxId: minId }, { heldUpTo })',
      },
    ],
    shownBy: `${LANDING}/existing-rows.test.js`,
    test: 'a range is asked for exactly when one of its ids may be there',
    failure: /Property failed/,
    needs: [],
  },
  {
    name: 'an archiver that still writes is not noticed',
    pitfalls: [],
    module: `${LANDING}/existing-rows.js`,
    edits: [{ find: 'highest <= heldUpTo)', replace: 'highest >= 0)' }],
    shownBy: `${LANDING}/existing-rows.test.js`,
    test: 'who asks for a range first stops at exactly the ids above those of before',
    failure: /Property failed/,
    needs: [],
  },
  {
    name: 'a version that begins beside another’s rows is taken to have none',
    pitfalls: [],
    module: `${LANDING}/existing-rows.js`,
    edits: [{ find: '(antiJoin || besideVersion)', replace: 'antiJoin' }],
    shownBy: `${LANDING}/versions.kafka.test.js`,
    test: 'offsets of a later version that are deleted beside an earlier one’s do not land its rows twice',
    failure: /Expected values to be strictly deep-equal/,
    needs: ['kafka'],
  },
  {
    name: 'what others have left is forgotten when an operator says where to go on',
    pitfalls: [],
    module: `${LANDING}/resume.js`,
    edits: [
      {
        find: 'heldUpTo === undefined ? begun : progress.beside(begun, heldUpTo)',
        replace: 'begun',
      },
    ],
    shownBy: `${LANDING}/resume.test.js`,
    test: 'what others have left is remembered where an operator says to go on elsewhere',
    failure: /Expected values to be strictly deep-equal/,
    needs: [],
  },
  {
    name: 'rows that the archiver adds later are left out of a file at its repeat',
    pitfalls: [],
    module: `${FILES}/rest-beside-archive.js`,
    edits: [{ find: 'id <= heldUpTo && there.has(id)', replace: 'there.has(id)' }],
    shownBy: `${FILES}/beside-archive.test.js`,
    test: 'an archiver that still writes stops the sink, and a replay leaves out what it left out before',
    failure: /id 301 is lost/,
    needs: [],
  },
  {
    name: 'the archiver’s files are taken not to overlap',
    pitfalls: [],
    module: `${FILES}/overlapping-files.js`,
    edits: [{ find: 'behind !== null && highest < behind', replace: 'behind !== null' }],
    shownBy: `${FILES}/overlapping-files.test.js`,
    test: 'whatever the archiver has left, every id between two is in a file that is read',
    failure: /is in a file/,
    needs: [],
  },
  {
    name: 'a backfill begins before the sink has landed what its own topic holds',
    pitfalls: [],
    module: `${LANDING}/backfill-turn.js`,
    edits: [{ find: 'if (!isPast)', replace: 'if (false)' }],
    shownBy: `${LANDING}/backfill-landing.kafka.test.js`,
    test: 'a backfill waits for what the sink has to land before it, and lands what is not there',
    failure: /Expected values to be strictly deep-equal/,
    needs: ['kafka'],
  },
  {
    name: 'a backfill does not ask what the destination holds',
    pitfalls: [],
    module: `${LANDING}/existing-rows.js`,
    edits: [{ find: 'if (anyRow)', replace: 'if (false)' }],
    shownBy: `${LANDING}/backfill-landing.kafka.test.js`,
    test: 'a backfill waits for what the sink has to land before it, and lands what is not there',
    failure: /Expected values to be strictly deep-equal/,
    needs: ['kafka'],
  },
];
