import assert from 'node:assert/strict';
import { test } from 'node:test';

import { internal } from '../testing/kafka.ts';

interface Message {
  readonly partition: number;
  readonly value: string | null;
  readonly length?: number;
  readonly recordBatch?: () => Buffer;
}
type Group = (options: {
  topic: string;
  partitionMetadata: readonly { partitionId: number }[];
  messages: readonly Message[];
  partitioner: (options: { message: Message }) => number;
}) => Record<number, unknown>;

const group = internal('producer/groupMessagesPerPartition') as Group;

function grouped(messages: readonly Message[]): Record<number, unknown> {
  const partitionMetadata = [{ partitionId: 0 }, { partitionId: 1 }];
  const partitioner = ({ message }: { message: Message }): number => message.partition;
  return group({ topic: 'rows', partitionMetadata, messages, partitioner });
}

const finished = (partition: number): Message => ({
  partition,
  value: null,
  length: 3,
  recordBatch: () => Buffer.alloc(0),
});
const plain = (partition: number): Message => ({ partition, value: 'x' });

// K19: upstream copies the partition's array again for every message, 16 times as much for 4 times as many.
test('grouping messages costs in proportion to their number', () => {
  const cost = (count: number): number => {
    const messages = Array.from({ length: count }, () => plain(0));
    const before = process.cpuUsage();
    grouped(messages);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  cost(1000);
  const microseconds = cost(20_000);
  // Upstream takes 0.3 s here, in proportion it is 3 ms.
  assert.ok(microseconds < 100_000, `${microseconds} µs of CPU for 20,000 messages`);
});

test('messages stay in their order', () => {
  const messages = ['a', 'b', 'c', 'd'].map((value, index) => ({ partition: index % 2, value }));
  assert.deepEqual(grouped(messages), {
    0: [messages[0], messages[2]],
    1: [messages[1], messages[3]],
  });
});

test('a finished batch stands for its partition', () => {
  const batch = finished(1);
  assert.deepEqual(grouped([plain(0), batch]), { 0: [plain(0)], 1: batch });
});

// K18: upstream asks a partitioner anew on every attempt, and rows may land in another partition too.
test('a finished batch goes to its own partition, whatever a partitioner says', () => {
  const batch = finished(1);
  const partitionMetadata = [{ partitionId: 0 }, { partitionId: 1 }];
  const placed = group({
    topic: 'rows',
    partitionMetadata,
    messages: [batch],
    partitioner: () => 0,
  });
  assert.deepEqual(placed, { 1: batch }, 'the partition that its rows were packed for');
});

for (const [what, messages] of Object.entries({
  'two finished batches': [finished(0), finished(0)],
  'a finished batch after messages': [plain(0), finished(0)],
  'messages after a finished batch': [finished(0), plain(0)],
})) {
  test(`${what} for one partition are refused`, () => {
    assert.throws(() => grouped(messages), /One record batch per partition and request/);
  });
}

test('a finished batch for a partition that is not there is refused', () => {
  assert.throws(() => grouped([finished(7)]), /No partition 7 in topic rows/);
});
