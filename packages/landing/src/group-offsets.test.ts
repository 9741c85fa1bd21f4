import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Admin } from 'kafkajs';

import { readGroup } from './group-offsets.ts';

const TOPIC = 'log_scores-v1';
const GROUP = `sink-memory.${TOPIC}`;

/** Between any two questions a hundred records come, land, and are trimmed behind a short tail. */
function movingAdmin(): Admin {
  let end = 1_000;
  const move = (): number => (end += 100);
  const moving = {
    fetchTopicOffsets: async () => {
      const high = move();
      return [{ partition: 0, low: String(high - 50), high: String(high), offset: String(high) }];
    },
    fetchOffsets: async () => [
      { topic: TOPIC, partitions: [{ partition: 0, offset: String(move()), metadata: null }] },
    ],
  };
  return moving as unknown as Admin;
}

test('a group that moves while it is read is found between its log’s start and end', async () => {
  const [found] = await readGroup(movingAdmin(), { topic: TOPIC, group: GROUP });
  assert.ok(found!.committed!.offset <= found!.logEnd, 'the log ends before the commit');
  assert.ok(found!.committed!.offset >= found!.logStart, 'the log starts behind the commit');
});
