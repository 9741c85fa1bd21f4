import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Block } from '@scoreline/schema';

import { encodedRows } from './binlog-rows.ts';
import { readAll, readerSetup, refusedWith } from './reader-setup.ts';
import type { SqlServerName } from './source-database.ts';

const LIMITS = { limitRows: 1_000, limitBytes: 1_000_000 };

/** What a reader refuses to read. */
export function readerDoubtCases(server: SqlServerName): void {
  const on = (name: string): string => `${server}: ${name}`;

  test(
    on('a row that no record can hold stops the call, and the block is as it was'),
    async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { own, admin, open } = made;
      await own.createTable();
      await own.insert(5);
      await admin.query("UPDATE log_scores SET ts = '2300-01-01' WHERE id = 3");
      const reader = await open();
      const block = new Block();
      await reader.rows({ from: 1, to: 1 }, block, LIMITS);
      const before = encodedRows(block);
      await assert.rejects(
        reader.rows({ from: 2, to: 5 }, block, LIMITS),
        refusedWith(
          'row-unreadable',
          /^capture_\w+\.log_scores: row 3, column ts: 2300-01-01 00:00:00 is outside/,
        ),
      );
      assert.deepStrictEqual(encodedRows(block), before);
      const { rows } = await readAll(reader, { from: 2, to: 5 }, { wanted: (id) => id !== 3 });
      assert.deepEqual(
        rows.map(({ id }) => id),
        [2, 4, 5],
      );
    },
  );

  for (const [what, alter, message] of [
    ['another type', 'MODIFY score float NOT NULL', /column score is score float, was double$/],
    [
      'another character set',
      'MODIFY attributes text CHARACTER SET utf8mb3',
      /column attributes is in collation/,
    ],
  ] as const) {
    test(on(`a table that changes between two calls is not misread: ${what}`), async (t) => {
      const made = await readerSetup(t, server);
      if (made === null) return;
      const { own, admin, open } = made;
      await own.createTable();
      await own.insert(5);
      const reader = await open();
      await reader.rows({ from: 1, to: 3 }, new Block(), LIMITS);
      await admin.query(`ALTER TABLE log_scores ${alter}`);
      await assert.rejects(
        reader.rows({ from: 4, to: 5 }, new Block(), LIMITS),
        refusedWith('table-changed', message),
      );
    });
  }
}
