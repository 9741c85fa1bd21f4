import assert from 'node:assert/strict';
import { test } from 'node:test';

import { internal } from '../testing/kafka.ts';

interface EosManager {
  initProducerId(): Promise<void>;
  getSequence(topic: string, partition: number): number;
  updateSequence(topic: string, partition: number, increment: number): void;
}

const createEosManager = internal('producer/eosManager') as (options: object) => EosManager;
const logger = { debug: () => {} };
const broker = { initProducerId: async () => ({ producerId: '1', producerEpoch: 0 }) };
const cluster = {
  refreshMetadataIfNecessary: async () => {},
  findControllerBroker: async () => broker,
};

// As DefaultRecordBatch.incrementSequence counts: 2^31-1 is followed by 0.
test('taking back a send that failed after the wrap restores the sequence', async () => {
  const eos = createEosManager({ logger, cluster });
  await eos.initProducerId();
  eos.updateSequence('rows', 0, 2 ** 31 - 5);
  eos.updateSequence('rows', 0, 10);
  assert.equal(eos.getSequence('rows', 0), 5);
  eos.updateSequence('rows', 0, -10);
  assert.equal(eos.getSequence('rows', 0), 2 ** 31 - 5);
});
