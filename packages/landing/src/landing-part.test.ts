import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERSION_1 } from '@scoreline/schema';
import type { Kafka } from 'kafkajs';

import type { LandingScope } from './generation.ts';
import { LandingPart } from './landing-part.ts';
import { quiet, TEST_LIMITS } from './testing/index.ts';

function partOf(admin: object): LandingPart {
  const scope: LandingScope = {
    topic: 't',
    version: VERSION_1,
    group: 'g',
    others: [],
    ledgerUuid: 'uuid',
    destination: { name: 'memory', fingerprint: 'memory-1', holdsRows: true },
    limits: TEST_LIMITS,
    bufferBytes: 1_000_000,
    recommitMs: 1_000,
    quarantine: null,
    spool: null,
    tenants: () => [],
    log: quiet,
    schema: async () => '',
    existing: { antiJoin: false, ask: null },
    write: async () => {},
    landed: () => {},
    recommitted: () => {},
    closedEarly: () => {},
  };
  return new LandingPart({
    name: 'landing',
    topic: 't',
    standing: async () => 'there',
    log: quiet,
    kafka: { admin: () => admin } as unknown as Kafka,
    session: { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 6_000, fetchBytes: 1 },
    open: async () => scope,
    checkRegistry: async () => {},
    accepted: () => undefined,
    released: () => undefined,
    onJoin: () => {},
    onSession: () => {},
    trouble: () => null,
  });
}

test('a start waits for the coordinator of its group, which may be moving', async () => {
  let asked = 0;
  const part = partOf({
    connect: async () => {},
    disconnect: async () => {},
    fetchTopicOffsets: async () => [{ partition: 0, low: '0', high: '10' }],
    async fetchOffsets() {
      if (++asked < 3)
        throw Object.assign(new Error('moving'), { type: 'NOT_COORDINATOR_FOR_GROUP' });
      return [{ topic: 't', partitions: [{ partition: 0, offset: '5', metadata: '' }] }];
    },
  });
  // It has got as far as the offset, which says that somebody has reset it.
  await assert.rejects(part.start(new AbortController().signal), { code: 'offset-reset' });
  assert.equal(asked, 3);
});

for (const [is, asks, says] of [
  ['is being made is waited for', 3, { code: 'offset-reset' }],
  ['is gone is told', Number.POSITIVE_INFINITY, { code: 'topic-missing', action: 'stop' }],
] as const) {
  test(`a topic that ${is}`, async (t) => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    let asked = 0;
    const part = partOf({
      connect: async () => {},
      disconnect: async () => {},
      async fetchTopicOffsets() {
        now += 15_000;
        if (++asked < asks)
          throw Object.assign(new Error('no'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
        return [{ partition: 0, low: '0', high: '10' }];
      },
      fetchOffsets: async () => [
        { topic: 't', partitions: [{ partition: 0, offset: '5', metadata: '' }] },
      ],
    });
    await assert.rejects(part.start(new AbortController().signal), says);
  });
}
