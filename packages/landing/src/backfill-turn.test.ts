import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BackfillTurn } from './backfill-turn.ts';

/** Topics of two partitions, with the same end in both. */
function brokers(ends: Record<string, number>, committed: Record<string, readonly number[]>) {
  return {
    fetchTopicOffsets: async (topic: string) =>
      [0, 1].map((partition) => {
        const high = String(ends[topic]);
        return { partition, low: '0', high, offset: high };
      }),
    fetchOffsets: async ({ groupId }: { groupId: string }) => {
      const topic = groupId.replace('sink-x.', '');
      const partitions = [0, 1].map((partition) => {
        const offset = String(committed[topic]?.[partition] ?? -1);
        return { partition, offset, metadata: null };
      });
      return [{ topic, partitions }];
    },
  };
}

test('a backfill’s turn comes when the sink is past what its topics held when they were first seen', async () => {
  const ends = { 'rows-v1': 10, 'rows-v2': 20 };
  const committed: Record<string, readonly number[]> = { 'rows-v1': [10, 9] };
  const topics = ['rows-v1', 'rows-v2', 'rows-v3'];
  const turn = new BackfillTurn({ sink: 'x', topics, retired: new Set() });
  const standing = () => turn.standing(brokers(ends, committed), new Set(['rows-v1', 'rows-v2']));
  assert.equal(await standing(), 'later');
  Object.assign(ends, { 'rows-v1': 11 });
  committed['rows-v1'] = [10, 10];
  assert.equal(await standing(), 'later', 'nothing of the other version has landed');
  committed['rows-v2'] = [20, 20];
  assert.equal(await standing(), 'there', 'what has come since is not waited for');
});

test('a version that is retired is not waited for: a sink that began later lands nothing of it', async () => {
  const retired = new Set<string>();
  const turn = new BackfillTurn({ sink: 'x', topics: ['rows-v1', 'rows-v2'], retired });
  const admin = brokers({ 'rows-v1': 10, 'rows-v2': 20 }, { 'rows-v2': [20, 20] });
  const standing = () => turn.standing(admin, new Set(['rows-v1', 'rows-v2']));
  assert.equal(await standing(), 'later');
  retired.add('rows-v1');
  assert.equal(await standing(), 'there');
});
