import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VERSION_1 } from '@scoreline/schema';
import type { Kafka } from 'kafkajs';

import type { LandingScope } from './generation.ts';
import { LandingPart } from './landing-part.ts';
import { quiet, TEST_LIMITS } from './testing/index.ts';

test('a start waits for the coordinator of its group, which may be moving', async () => {
  let asked = 0;
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    fetchTopicOffsets: async () => [{ partition: 0, low: '0', high: '10' }],
    async fetchOffsets() {
      if (++asked < 3)
        throw Object.assign(new Error('moving'), { type: 'NOT_COORDINATOR_FOR_GROUP' });
      return [{ topic: 't', partitions: [{ partition: 0, offset: '5', metadata: '' }] }];
    },
  };
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
  const part = new LandingPart({
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
  // It has got as far as the offset, which says that somebody has reset it.
  await assert.rejects(part.start(new AbortController().signal), { code: 'offset-reset' });
  assert.equal(asked, 3);
});
