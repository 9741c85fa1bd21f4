import { type KafkaProxy, until } from '@scoreline/testing';

import { CoordinatorAway, type CoordinatorError } from './coordinator.ts';
import type { Fault } from './fault.ts';
import { onTheWay } from './on-the-way.ts';
import { sessionEnded } from './session-ended.ts';

/** One of a transaction, and attempts of the sessions that follow. */
const REQUESTS = 3;
const BUSY_REQUESTS = 20;

/** A broker, or the way to it, that fails for a while: nothing that a row may be lost or repeated for. */
export const BROKER_FAULTS: readonly Fault[] = [
  {
    name: 'the broker is stopped, and started again',
    outcome: 'goes on',
    cause: async ({ pipeline, capture }) => {
      await pipeline.stack.kafka.stop();
      const said = await sessionEnded(capture);
      await pipeline.stack.kafka.start();
      return `without a broker: ${said}`;
    },
  },
  {
    name: 'the broker is killed, and started again',
    outcome: 'goes on',
    cause: async ({ pipeline, capture }) => {
      await pipeline.stack.kafka.kill();
      const said = await sessionEnded(capture);
      await pipeline.stack.kafka.start();
      return `after kill -9: ${said}`;
    },
  },
  coordinatorAway('COORDINATOR_NOT_AVAILABLE'),
  coordinatorAway('COORDINATOR_LOAD_IN_PROGRESS'),
  coordinatorAway('NOT_COORDINATOR'),
  coordinatorAway(null),
  onTheWay(
    // Nothing is produced yet: it is waited for right there, and is no error of the session.
    { name: 'the transaction coordinator is busy with the last transaction', outcome: 'goes on' },
    async (_scene, proxy) => {
      const busy = new CoordinatorAway('CONCURRENT_TRANSACTIONS', 'AddPartitionsToTxn');
      await meet(busy, proxy, BUSY_REQUESTS);
      return busy.summary();
    },
  ),
  onTheWay(
    {
      name: 'the connections to the broker carry nothing any more, and stay open',
      outcome: 'goes on',
      settings: { kafka_request_timeout: '2s' },
    },
    async ({ capture }, proxy) => {
      const connections = proxy.freeze();
      // Of the search for the coordinator kafkajs does not say why it failed.
      const said = await sessionEnded(capture, /timed out|Failed to find group coordinator/);
      return `${connections} connections took ${proxy.swallowed} bytes: ${said}`;
    },
  ),
];

/** @param says the answer to whatever the transaction's coordinator is asked; null for none. */
function coordinatorAway(says: CoordinatorError | null): Fault {
  const name = `the transaction coordinator ${says === null ? 'does not answer' : `answers ${says}`}`;
  return onTheWay(
    { name, outcome: 'goes on', settings: { kafka_request_timeout: '1s' } },
    async ({ capture }, proxy) => {
      const away = new CoordinatorAway(says);
      await meet(away, proxy, REQUESTS);
      return `${away.summary()}: ${await sessionEnded(capture)}`;
    },
  );
}

/** It is away until so many requests have met it. */
async function meet(away: CoordinatorAway, proxy: KafkaProxy, requests: number): Promise<void> {
  proxy.judge = (request) => away.judge(request);
  await until(() => away.met.length >= requests, { what: `${requests} requests to it` });
  proxy.judge = () => 'pass';
}
