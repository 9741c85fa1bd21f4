import assert from 'node:assert/strict';
import { test } from 'node:test';

import { internal } from '../testing/kafka.ts';

interface FetchedBatch {
  generationId: number;
  memberId: string;
}
interface Runner {
  running: boolean;
  handleBatch(batch: FetchedBatch): Promise<void>;
}
type BatchClass = new (topic: string, fetchedOffset: string, data: object) => object;
interface ConsumerGroup {
  generationId: number;
  memberId: string;
  fetch(nodeId: number): Promise<FetchedBatch[]>;
}

const RunnerClass = internal('consumer/runner') as new (options: object) => Runner;
const BatchOf = internal('consumer/batch') as BatchClass;
const { prototype } = internal('consumer/consumerGroup') as { prototype: ConsumerGroup };

const ignore = (): void => {};
const logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  namespace: (): unknown => logger,
};

function data(isControlRecord = false) {
  const records = [{ offset: '90', isControlRecord, batchContext: {} }];
  return { partition: 0, highWatermark: '91', abortedTransactions: [], messages: records };
}

/** What is resolved by a handler that returns when the group is in generation 2. */
async function resolvedBy(
  fetchedIn: number,
  {
    isControlRecord = false,
    byHandler = false,
  }: { isControlRecord?: boolean; byHandler?: boolean },
): Promise<string[]> {
  const resolved: string[] = [];
  const group = {
    generationId: 1,
    heartbeat: async () => {},
    resolveOffset: ({ offset }: { offset: string }) => void resolved.push(offset),
    hasSeekOffset: () => false,
    isPaused: () => false,
  };
  const runner = new RunnerClass({
    logger,
    consumerGroup: group,
    instrumentationEmitter: { emit: ignore },
    autoCommit: false,
    eachBatchAutoResolve: !byHandler,
    eachBatch: async ({ resolveOffset }: { resolveOffset: (offset: string) => void }) => {
      if (byHandler) resolveOffset('90');
    },
  });
  runner.running = true;
  group.generationId = 2; // another fetcher has joined again meanwhile
  const batch = new BatchOf('rows', '90', data(isControlRecord));
  await runner.handleBatch(Object.assign(batch, { generationId: fetchedIn, memberId: 'm' }));
  return resolved;
}

// K21: upstream resolves it into the new generation, whose first record may be 10: fetching goes on at 91.
for (const [what, options] of Object.entries({
  'that the handler has finished': {},
  'that the handler resolves itself': { byHandler: true },
  'of which nothing is shown': { isControlRecord: true },
})) {
  test(`a batch ${what} resolves in its own generation only`, async () => {
    assert.deepEqual(await resolvedBy(2, options), ['90']);
    assert.deepEqual(await resolvedBy(1, options), [], 'resolved into a later generation');
  });
}

test('a batch belongs to the generation in which it was asked for', async () => {
  const group = Object.create(prototype) as ConsumerGroup;
  const broker = {
    fetch: async () => {
      Object.assign(group, { generationId: 2, memberId: 'after' });
      return { responses: [{ topicName: 'rows', partitions: [data()] }] };
    },
  };
  Object.assign(group, {
    generationId: 1,
    memberId: 'before',
    cluster: { refreshMetadataIfNecessary: async () => {}, findBroker: async () => broker },
    checkForStaleAssignment: ignore,
    filterPartitionsByNode: (_nodeId: number, partitions: unknown) => partitions,
    getActiveTopicPartitions: () => ({ rows: new Set([0]) }),
    offsetManager: { committedOffsets: () => ({ rows: { 0: '90' } }), nextOffset: () => '90' },
    preferredReadReplicasPerTopicPartition: {},
    seekOffset: { has: () => false },
    seekOffsets: async () => {},
    subscriptionState: {
      assigned: () => [{ topic: 'rows', partitions: [0] }],
      isPaused: () => false,
    },
  });
  const [batch] = await group.fetch(1);
  assert.equal(batch!.generationId, 1);
  assert.equal(batch!.memberId, 'before');
});
