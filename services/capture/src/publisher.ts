import { type Checkpoint, checkpointMessage } from '@scoreline/ledger';

import type { Batch } from './batch-queue.ts';
import type { Progress } from './binlog-reader.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { RecordPacker } from './record-packer.ts';
import { TopicEnds } from './topic-ends.ts';
import type { TransactionalProducer } from './transactional-producer.ts';

export interface PublisherOptions {
  readonly producer: TransactionalProducer;
  readonly packer: RecordPacker;
  readonly topic: string;
  readonly metrics: CaptureMetrics;
  /** What the ledger says at the start, or would if it said anything. */
  readonly checkpoint: Checkpoint;
}

/**
 * Publishes rows and the checkpoint behind them in one Kafka transaction, one at a time: rows first, then,
 * knowing their offsets, the ledger. What the checkpoint will say is tentative until the commit.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #checkpoint: Checkpoint;
  #inTransaction = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#checkpoint = options.checkpoint;
  }

  /** What the ledger says now. */
  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** @throws after which this publisher and its producer are of no use any more. */
  async publish({ chunks, rows, progress }: Batch): Promise<void> {
    const { producer, packer, topic, metrics } = this.#options;
    const beganAt = performance.now();
    const ends = new TopicEnds(topic, this.#checkpoint.topicEnds[topic] ?? []);
    const transaction = await producer.begin();
    this.#inTransaction = true;
    packer.begin(chunks);
    for (let batches = packer.next(); batches.length > 0; batches = packer.next()) {
      ends.wrote(await transaction.send(topic, batches));
    }
    const next = this.#next(progress, ends);
    await transaction.sendLedger(checkpointMessage(next));
    await transaction.commit();
    this.#inTransaction = false;
    this.#checkpoint = next;

    metrics.transactions.inc();
    metrics.transactionSeconds.observe((performance.now() - beganAt) / 1000);
    metrics.rows.inc(rows);
  }

  #next(
    { position, event, gtidSet, commitTimeMs, openGroup }: Progress,
    ends: TopicEnds,
  ): Checkpoint {
    const { topic } = this.#options;
    const { topicEnds } = this.#checkpoint;
    return {
      ...this.#checkpoint,
      position,
      event,
      gtidSet,
      commitTimeMs,
      openGroup,
      topicEnds: ends.ends.length === 0 ? topicEnds : { ...topicEnds, [topic]: ends.ends },
    };
  }
}
