import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kafkaErrorType } from '../errors.ts';
import { internal, protocolError } from '../testing/kafka.ts';

interface Cluster {
  brokerPool: object;
  metadata(): Promise<unknown>;
}
type ClusterClass = new (options: object) => Cluster;

const Cluster = internal('cluster/index') as ClusterClass;
const BrokerPool = internal('cluster/brokerPool') as { prototype: { withBroker: unknown } };

const METADATA = { topicMetadata: [] };

/** A cluster of one broker that answers so, one after the other, when it is asked for metadata. */
function clusterOf(answers: (Error | object)[]): Cluster {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const cluster = new Cluster({
    logger: { ...log, namespace: () => log },
    socketFactory: () => ({}),
    brokers: ['127.0.0.1:1'],
    retry: { retries: 3, initialRetryTime: 1 },
    offsets: new Map(),
  });
  const broker = {
    metadata: async () => {
      const answer = answers.shift() ?? METADATA;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  cluster.brokerPool = {
    brokers: { 1: broker },
    findBroker: async () => broker,
    refreshMetadataIfNecessary: async () => {},
    withBroker: BrokerPool.prototype.withBroker,
  };
  return cluster;
}

const starting = (): Error =>
  Object.assign(protocolError('LEADER_NOT_AVAILABLE'), { retriable: true });

// Upstream answers null where every broker refuses, as one does that is starting, and `listTopics` and
// `fetchTopicMetadata` then read from it: a TypeError, which nobody tries again.
test('metadata that a starting broker refuses is asked for again', async () => {
  assert.equal(await clusterOf([starting(), starting()]).metadata(), METADATA);
});

test('what every broker refuses is told, with its reason', async () => {
  for (const refusal of [starting, () => protocolError('CLUSTER_AUTHORIZATION_FAILED')]) {
    const cluster = clusterOf(Array.from({ length: 9 }, refusal));
    await assert.rejects(cluster.metadata(), (error: Error) => {
      assert.ok(!(error instanceof TypeError), error.message);
      assert.equal(kafkaErrorType(error), kafkaErrorType(refusal()));
      return true;
    });
  }
});
