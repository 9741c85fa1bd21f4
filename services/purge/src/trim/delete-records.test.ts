import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RetryableError } from '@scoreline/service';

import { deleteRecords, type Trimmed } from './delete-records.ts';
import type { TrimDecision } from './trim-rule.ts';

const TOPIC = 'log_scores-v1';

/** Brokers that answer as they are told; what they do is in `starts`. */
function brokers(answer: (partition: number, starts: Map<number, bigint>) => void) {
  const starts = new Map([
    [0, 0n],
    [1, 0n],
  ]);
  return {
    async deleteTopicRecords({ partitions }: { partitions: readonly { partition: number }[] }) {
      assert.equal(partitions.length, 1, 'kafkajs would answer for one, and lose the other');
      answer(partitions[0]!.partition, starts);
    },
    async fetchTopicOffsets() {
      return [...starts].map(([partition, low]) => {
        return { partition, low: String(low), high: '100', offset: '100' };
      });
    },
  };
}

const decisions: readonly TrimDecision[] = [0, 1].map((partition) => {
  return { topic: TOPIC, partition, logStart: 0n, below: 50n, reasons: [] };
});

async function run(answer: Parameters<typeof brokers>[0]): Promise<readonly Trimmed[]> {
  const trimmed: Trimmed[] = [];
  const { signal } = new AbortController();
  const told = (partition: Trimmed) => void trimmed.push(partition);
  await deleteRecords(brokers(answer), decisions, { signal, trimmed: told });
  return trimmed;
}

test('an answer that is lost is no failure when the log begins where it should', async () => {
  const trimmed = await run((partition, starts) => {
    starts.set(partition, 50n);
    throw new Error('connection closed');
  });
  assert.deepEqual(
    trimmed.map(({ partition, start }) => [partition, start]),
    [
      [0, 50n],
      [1, 50n],
    ],
  );
});

test('an answer that all is well is believed only when the log begins where it should', async () => {
  await assert.rejects(
    run((partition, starts) => void (partition === 0 && starts.set(partition, 50n))),
    (error: unknown) => {
      assert.ok(error instanceof RetryableError && error.code === 'trim-unfinished');
      assert.match(error.message, /\(log_scores-v1\[1\] to 50: its log begins before\)/);
      return true;
    },
  );
});
