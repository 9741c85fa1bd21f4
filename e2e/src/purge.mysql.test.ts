import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

import { Servers } from './bad-input/servers.ts';
import { DEATHS } from './purge/cases/deaths.ts';
import { LOAD } from './purge/cases/load.ts';
import { ROWS } from './purge/cases/rows.ts';
import { runCases } from './purge/run-cases.ts';

/** Of the cases of purge.test.ts those that another server may decide otherwise. */
const CASES = [...ROWS, ...LOAD, ...DEATHS].filter(({ onEachServer }) => onEachServer);

describe('from MySQL, too, the purge deletes what every archive holds, and nothing else', () => {
  const servers = new Servers('mysql');
  before(
    async () => {
      assert.ok(CASES.length >= 6, `${CASES.length} cases`);
      await servers.start();
    },
    { timeout: 180_000 },
  );
  after(() => servers.destroy());

  runCases(() => servers, { name: 'on-mysql', archives: ['file'] }, CASES);
});
