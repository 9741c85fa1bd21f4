import type { Mutant } from './mutant.ts';

const STATUS = 'services/purge/dist/archive-status';
const shown = {
  shownBy: `${STATUS}/archive-status.mariadb.test.js`,
  needs: ['mariadb'],
} as const;

/** log_scores_archive_status, read and written without care. */
export const ARCHIVE_STATUS_MUTANTS: readonly Mutant[] = [
  {
    name: 'a status table that may not be read is taken for none',
    pitfalls: ['X60'],
    module: `${STATUS}/status-table.js`,
    edits: [{ find: 'errorNumber(error) === NO_SUCH_TABLE', replace: 'errorNumber(error) > 0' }],
    ...shown,
    test: 'a table that may not be read is not taken for one that is not there',
    failure: /Expected values to be strictly deep-equal/,
  },
  {
    name: 'any column modified_on is trusted',
    pitfalls: ['X61'],
    module: `${STATUS}/status-table.js`,
    edits: [
      { find: "String(modified['Type']).startsWith('timestamp') &&", replace: '' },
      { find: "/on update current_timestamp/i.test(String(modified['Extra']))", replace: 'true' },
    ],
    ...shown,
    test: 'a table without a time that can be trusted is watched',
    failure: /Expected values to be strictly deep-equal/,
  },
  {
    name: 'ids are taken for 64 bits wide, whatever the result says',
    pitfalls: ['X62'],
    module: 'services/purge/dist/source/unsigned-columns.js',
    edits: [
      {
        find: 'columnType === LONG)\n        return 4',
        replace: 'columnType === LONG)\n        return 8',
      },
    ],
    ...shown,
    test: 'an id that is a plain int',
    failure: /Expected values to be strictly deep-equal/,
  },
  {
    name: 'a row of the status table goes past what the ledger lacks',
    pitfalls: [],
    module: `${STATUS}/last-landed.js`,
    edits: [{ find: 'if (!captured.has(id))\n            return false;', replace: '' }],
    ...shown,
    test: 'each active sink has a row, below what it has not landed, that moves forward',
    failure: /Expected values to be strictly deep-equal/,
  },
];
