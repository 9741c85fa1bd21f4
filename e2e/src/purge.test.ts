import { after, before, describe } from 'node:test';

import { Servers } from './bad-input/servers.ts';
import { DEATHS, SERVICE } from './purge/cases/deaths.ts';
import { DESTINATIONS } from './purge/cases/destinations.ts';
import { LOAD } from './purge/cases/load.ts';
import { OFFSETS } from './purge/cases/offsets.ts';
import { PROMOTION, ROSTER } from './purge/cases/roster.ts';
import { ROWS } from './purge/cases/rows.ts';
import { LEDGER_GONE, TOPIC_GONE, VERSIONS } from './purge/cases/topics.ts';
import { TRIM } from './purge/cases/trim.ts';
import { runCases } from './purge/run-cases.ts';

describe('the purge deletes what every archive holds, and nothing else', () => {
  const servers = new Servers();
  before(() => servers.start(), { timeout: 180_000 });
  after(() => servers.destroy());

  runCases(
    () => servers,
    { name: 'two-archives', archives: ['file', 'clickhouse'] },
    [
      ...PROMOTION,
      ...ROSTER,
      ...ROWS,
      ...LOAD,
      ...DEATHS,
      ...SERVICE,
      ...OFFSETS,
      ...DESTINATIONS,
      ...TRIM,
    ],
    async (scene) => {
      await scene.create();
      // The other one is promoted by the first of the cases.
      await scene.begin(['file']);
    },
  );

  runCases(
    () => servers,
    {
      name: 'one-archive',
      archives: ['file'],
      capture: { initial: 'now' },
      sinks: { on_poison: 'quarantine' },
    },
    VERSIONS,
    async (scene) => {
      await scene.create();
      await scene.table.insert(10);
      await scene.begin();
    },
  );

  runCases(() => servers, { name: 'topic-gone', archives: ['file'] }, TOPIC_GONE);
  runCases(() => servers, { name: 'ledger-gone', archives: ['file'] }, LEDGER_GONE);
});
