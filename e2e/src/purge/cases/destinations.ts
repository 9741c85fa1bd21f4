import assert from 'node:assert/strict';

import type { Drill, PurgeCase } from '../purge-case.ts';
import type { PurgeScene } from '../scene.ts';
import { away } from './offsets.ts';

/** What an offset cannot tell: what became of the rows in the destination since, and of the destination. */
export const DESTINATIONS: readonly PurgeCase[] = [
  audited(),
  {
    name: 'the destination is emptied and made anew, and the sink begins there again',
    told: ['destination-changed'],
    cause: async (scene) => {
      const ids = await scene.insertLanded(30);
      await away(scene, 'clickhouse');
      await clickhouse(scene, 'DROP TABLE log_scores SYNC');
      // What the sink says that an operator is to do.
      await scene.servers.admin.deleteGroups([scene.groupOf('clickhouse')]);
      await scene.sinkAgain('clickhouse');
      await scene.landed();
      return `${ids.length} rows and all before them have landed again`;
    },
    mend: async (scene) => {
      const { code, output } = await scene.sink('clickhouse').run(['--audit']);
      assert.equal(code, 0, output);
      await scene.promote('clickhouse');
    },
  },
];

/** With `purge_verify=audit` the offset is not enough. */
function audited(): Drill {
  const settings = { purge_verify: 'audit' };
  return {
    name: 'a destination has lost a row: with purge_verify=audit its bucket is kept until it is clean',
    run: async (scene) => {
      const ids = await scene.insertLanded(30);
      const range = `${ids[0]!}-${ids.at(-1)!}`;
      await clickhouse(scene, 'CREATE TABLE kept AS log_scores');
      await clickhouse(scene, `INSERT INTO kept SELECT * FROM log_scores WHERE id = ${ids[7]!}`);
      await clickhouse(
        scene,
        `ALTER TABLE log_scores DELETE WHERE id = ${ids[7]!} SETTINGS mutations_sync = 2`,
      );
      const before = await scene.table.ids();
      const dirty = await audit(scene, 'clickhouse', range);
      assert.equal(dirty.code, 1, dirty.output);
      assert.ok(dirty.output.includes(String(ids[7]!)), dirty.output);
      const clean = await audit(scene, 'file', range);
      assert.equal(clean.code, 0, clean.output);
      const explained = await scene.explain(settings);
      const once = await scene.once(settings);
      assert.equal(once.code, 1, once.output);
      assert.deepEqual(await scene.table.ids(), before);
      assert.ok(explained.codes.includes('not-audited'), explained.output);

      await clickhouse(scene, 'INSERT INTO log_scores SELECT * FROM kept');
      const mended = await audit(scene, 'clickhouse', range);
      assert.equal(mended.code, 0, mended.output);
      await scene.goes(settings);
      return dirty.output.trim();
    },
  };
}

function audit(scene: PurgeScene, name: 'clickhouse' | 'file', ids: string) {
  return scene.sink(name).run(['--audit', '--audit-ids', ids]);
}

/** In the database of the scene's archive. */
function clickhouse(scene: PurgeScene, sql: string): Promise<string> {
  return scene.servers.clickhouse(sql.replaceAll(/\b(log_scores|kept)\b/g, `${scene.database}.$1`));
}
