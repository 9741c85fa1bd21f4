import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kafkaErrorType } from '@scoreline/kafka';
import { deferred } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { Committer, type Membership } from './committer.ts';
import { progress } from './progress.ts';
import { pipeline } from './testing/index.ts';

// K10: `commitOffsets` returns without a word, and without a commit, once its consumer stops.
test('a commit while the consumer stops is made, and one that is refused is told', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, 11);
  const consumer = p.kafka.consumer({ groupId: p.groupOf('memory'), retry: { retries: 0 } });
  const [fetched, finish] = [deferred(), deferred()];
  let joined: Membership | undefined;
  consumer.on('consumer.group_join', ({ payload }) => void (joined = payload));
  await consumer.connect();
  await consumer.subscribe({ topic: p.topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async () => {
      fetched.resolve();
      await finish.promise;
    },
  });
  const { memberId, generationId } = await until(() => joined, { what: 'the join' });
  await fetched.promise;
  // It has not left its group: the handler is not done.
  const stopped = consumer.disconnect();
  t.after(() => stopped);
  try {
    const { signal } = new AbortController();
    const under = (membership: Membership) =>
      new Committer(consumer, { membership, topic: p.topic, signal });
    await under({ memberId, generationId }).commit([[0, progress.initial(5n, 'memory-1')]]);
    await until(async () => (await p.commits('memory')).get(0)?.offset === 5n, {
      what: 'the commit',
      timeoutMs: 3000,
    });
    const stale = under({ memberId, generationId: generationId + 1 });
    await assert.rejects(
      stale.commit([[0, progress.initial(7n, 'memory-1')]]),
      (error) => kafkaErrorType(error) === 'ILLEGAL_GENERATION',
    );
  } finally {
    finish.resolve();
  }
  await stopped;
  assert.equal((await p.commits('memory')).get(0)?.offset, 5n);
});
