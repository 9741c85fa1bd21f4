import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { MemoryDestination, MemorySink, pipeline, startSink } from './testing/index.ts';

interface OffsetCommit {
  readonly memberId: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly offset: string; readonly metadata: string }[];
  }[];
}

const require = createRequire(import.meta.url);
const { prototype: broker } = require('kafkajs/src/broker/index.js') as {
  prototype: { offsetCommit: (this: unknown, request: OffsetCommit) => Promise<unknown> };
};
const { KafkaJSConnectionError } = require('kafkajs') as {
  KafkaJSConnectionError: new (message: string) => Error;
};

test('a commit whose fate is unknown is never repeated: the membership ends, and the broker is asked', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const original = broker.offsetCommit;
  t.after(() => {
    broker.offsetCommit = original;
  });
  const sent: { memberId: string; commit: string; answered: boolean }[] = [];
  let losses = 0;
  broker.offsetCommit = async function (request) {
    const [partition] = request.topics.find(({ topic }) => topic === p.topic)?.partitions ?? [];
    if (!partition) return original.call(this, request);
    // Every third commit loses its answer; every other of those was not even received.
    const lose = sent.length % 3 === 2 && losses < 6;
    const commit = `${partition.offset} ${partition.metadata}`;
    sent.push({ memberId: request.memberId, commit, answered: !lose });
    if (!lose) return original.call(this, request);
    if (losses++ % 2 === 0) await original.call(this, request);
    throw new KafkaJSConnectionError('Connection closed');
  };
  await p.produceIds(1, 2001);
  const destination = new MemoryDestination();
  const sink = new MemorySink(destination, {}, { rows: 200 });
  const running = await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
  assert.equal(destination.ids().length, 2000);
  assert.deepEqual(destination.twice(), []);
  assert.equal(losses, 6);
  for (const [i, { answered, memberId }] of sent.entries()) {
    if (answered) continue;
    const next = sent[i + 1];
    assert.notEqual(next?.memberId, memberId, 'nothing more is committed under that membership');
  }
  const sessions = running.metrics.registry.getSingleMetric('scoreline_sink_sessions_total');
  assert.equal((await sessions?.get())?.values[0]?.value, 7);
});
