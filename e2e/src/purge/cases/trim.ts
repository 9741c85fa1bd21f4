import assert from 'node:assert/strict';

import { applyPlan } from '../answers.ts';
import type { Drill } from '../purge-case.ts';
import { away } from './offsets.ts';

/** Space in the topic is freed behind the sink that is furthest back. */
export const TRIM: readonly Drill[] = [
  {
    name: 'the topic is trimmed while a sink is behind: up to where that one is',
    run: async (scene) => {
      const { admin } = scene.servers;
      await scene.insertLanded(40);
      await away(scene, 'file');
      const held = await scene.servers.commits(scene.groupOf('file'), scene.topic);
      await scene.table.insert(40, { from: await scene.table.nextBucket() });
      await scene.landed(['clickhouse']);
      const purge = scene.purge({ topic_keep: '0h' });
      await applyPlan(purge, ['--trim']);
      const starts = await admin.fetchTopicOffsets(scene.topic);
      for (const { partition, low } of starts)
        assert.equal(low, held[partition]!.offset, `${partition} begins elsewhere`);
      await scene.sinkAgain('file');
      await scene.landed();
      await scene.goes();
      return `it begins at ${starts.map(({ low }) => low).join(', ')}`;
    },
  },
];
