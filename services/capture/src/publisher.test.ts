import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CapturedIds, type Checkpoint } from '@scoreline/ledger';
import { VERSION_1, wireHeader } from '@scoreline/schema';
import { createMetrics } from '@scoreline/service';
import type { RecordBatchMessage } from 'kafkajs';

import { Chunk } from './chunk.ts';
import type { KnownRows } from './known-rows.ts';
import { captureMetrics } from './metrics.ts';
import { Publisher } from './publisher.ts';
import { RecordPacker } from './record-packer.ts';
import type { Written } from './topic-ends.ts';
import type { OpenTransaction, TransactionalProducer } from './transactional-producer.ts';

const TOPIC = 'log_scores-v1';
const AT = { file: 'binlog.000001', offset: 500 };
const CHECKPOINT: Checkpoint = {
  ledgerUuid: '11111111-1111-4111-8111-111111111111',
  source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
  position: AT,
  gtidSet: '',
  event: null,
  commitTimeMs: 0,
  openGroup: null,
  startFloor: { position: AT, id: 0 },
  reconcile: null,
  optionalColumns: [],
  topicEnds: {},
};

/** Tells what it is asked to do, and fails when two transactions, or two sends, are open at once. */
class RecordingProducer {
  readonly asked: string[] = [];
  failSend: Error | null = null;
  #open = 0;
  #end = 0;

  async begin(): Promise<OpenTransaction> {
    this.asked.push('begin');
    assert.equal(++this.#open, 1, 'two were open at once');
    let sending = 0;
    const one = async <T>(what: string, answer: () => T): Promise<T> => {
      this.asked.push(what);
      assert.equal(++sending, 1, 'two were open at once');
      await new Promise((resolve) => setImmediate(resolve));
      sending--;
      return answer();
    };
    return {
      send: (_, batches) => one('rows', () => this.#written(batches)),
      sendLedger: (entries) => one(`ledger ${entries.length}`, () => {}),
      commit: () => one('commit', () => void this.#open--),
    };
  }

  #written(batches: readonly RecordBatchMessage[]): Written[] {
    if (this.failSend !== null) throw this.failSend;
    return batches.map(({ partition, length: records }) => {
      const baseOffset = this.#end;
      this.#end += records;
      return { partition, baseOffset, records };
    });
  }
}

function publisherTo(producer: RecordingProducer): Publisher {
  return new Publisher({
    producer: producer as unknown as TransactionalProducer,
    packer: new RecordPacker(1, wireHeader(1)),
    topic: TOPIC,
    version: VERSION_1,
    metrics: captureMetrics(createMetrics()),
    checkpoint: CHECKPOINT,
    captured: new CapturedIds(),
    filter: null,
    known: { isAccepted: () => false } as unknown as KnownRows,
  });
}

/** Rows of 100 KB each: ten fill a batch. */
function rows(first: number, count: number): Chunk {
  const chunk = new Chunk();
  const { block } = chunk;
  for (let id = first; id < first + count; id++) {
    block.reserve(100_000);
    block.push(block.byteLength + 100_000, id, 1, 0);
  }
  chunk.stamp(0, 0);
  return chunk;
}

// K1, K6: kafkajs has one transaction a producer, and writes concurrent sends over each other.
test('transactions take turns, and in each one send follows another', async () => {
  const producer = new RecordingProducer();
  const publisher = publisherTo(producer);
  const position = (offset: number) => ({ position: { ...AT, offset } });
  await Promise.all([
    publisher.publish([rows(1, 25)], position(600)),
    publisher.publish([rows(26, 5)], position(700)),
    publisher.publish([], position(800)),
  ]);
  const asked = [
    'begin, rows, rows, rows, ledger 2, commit',
    'begin, rows, ledger 2, commit',
    'begin, ledger 1, commit',
  ];
  assert.equal(producer.asked.join(', '), asked.join(', '));
  assert.equal(publisher.checkpoint.position.offset, 800);
  assert.deepEqual(publisher.checkpoint.topicEnds, { [TOPIC]: [30] });
});

// A request of which one partition was refused has written the others: a commit would keep them.
test('a send that fails ends the transaction: neither committed nor aborted', async () => {
  const producer = new RecordingProducer();
  const publisher = publisherTo(producer);
  producer.failSend = new Error('MESSAGE_TOO_LARGE');
  await assert.rejects(publisher.publish([rows(1, 3)], {}), /MESSAGE_TOO_LARGE/);
  assert.deepEqual(producer.asked, ['begin', 'rows']);
  assert.equal(publisher.checkpoint, CHECKPOINT);
  assert.ok(publisher.inTransaction);
  await assert.rejects(publisher.publish([], {}), /MESSAGE_TOO_LARGE/, 'nor does another follow');
});
