import {
  bucketMessage,
  type CapturedIds,
  type Checkpoint,
  checkpointMessage,
} from '@scoreline/ledger';
import type { TopicVersion } from '@scoreline/schema';

import { Admission, type Admitted } from './admission.ts';
import type { Chunk } from './chunk.ts';
import { idReuse } from './id-reuse.ts';
import type { KnownRows } from './known-rows.ts';
import { ledgerRequests } from './ledger-requests.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { RecordPacker } from './record-packer.ts';
import type { RowFilter } from './row-filter.ts';
import { TopicEnds, type Written } from './topic-ends.ts';
import type { OpenTransaction, TransactionalProducer } from './transactional-producer.ts';

/** What the checkpoint says anew when a transaction is out: all but what the transaction itself decides. */
export type CheckpointChange = Partial<Omit<Checkpoint, 'ledgerUuid' | 'topicEnds'>>;

export interface PublisherOptions {
  readonly producer: TransactionalProducer;
  readonly packer: RecordPacker;
  /** Null where every row goes out. */
  readonly filter: RowFilter | null;
  readonly known: KnownRows;
  readonly topic: string;
  readonly version: TopicVersion;
  readonly metrics: CaptureMetrics;
  /** What the ledger says at the start, or would if it said anything. */
  readonly checkpoint: Checkpoint;
  readonly captured: CapturedIds;
}

/**
 * Publishes rows, their ids and the checkpoint behind them in one Kafka transaction, one at a time: rows
 * first, then, knowing their offsets, the ledger. What the ledger will say is tentative until the commit,
 * and dropped with the publisher when that fails.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #checkpoint: Checkpoint;
  #inTransaction = false;
  /** Ends with the transaction at hand. */
  #turn: Promise<void> = Promise.resolve();

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

  /**
   * Stream and reconcile take turns. Rows that the filter keeps out are cut out of the chunks.
   *
   * @throws after which this publisher and its producer are of no use any more. PermanentError `id-reuse`
   * for a row whose id is in the ledger already: nothing of its transaction is published.
   */
  publish(chunks: readonly Chunk[], change: CheckpointChange): Promise<void> {
    const mine = this.#turn.then(() => this.#publish(chunks, change));
    this.#turn = mine;
    mine.catch(() => {});
    return mine;
  }

  async #publish(chunks: readonly Chunk[], change: CheckpointChange): Promise<void> {
    const { producer, packer, topic, captured, metrics } = this.#options;
    const beganAt = performance.now();
    const { excluded, known } = await this.#admit(chunks, change);
    const ends = new TopicEnds(topic, this.#checkpoint.topicEnds[topic] ?? []);
    const transaction = await producer.begin();
    this.#inTransaction = true;
    packer.begin(chunks);
    for (let batches = packer.next(); batches.length > 0; batches = packer.next()) {
      const written = await transaction.send(topic, batches);
      ends.wrote(written);
      this.#wrote(written);
    }
    const next = this.#next(change, ends);
    await this.#sendLedger(transaction, next);
    await transaction.commit();
    this.#inTransaction = false;
    captured.committed();
    this.#checkpoint = next;

    metrics.transactions.inc();
    metrics.transactionSeconds.observe((performance.now() - beganAt) / 1000);
    metrics.rows.inc(chunks.reduce((sum, { block }) => sum + block.rows, 0));
    for (const [column, rows] of excluded) metrics.rowsExcluded.inc({ column }, rows);
    metrics.rowsKnown.inc(known);
  }

  /** Every row that goes out has a new id, or none of them goes out. */
  async #admit(chunks: readonly Chunk[], change: CheckpointChange): Promise<Admitted> {
    const { captured, known, version } = this.#options;
    const admitted = await new Admission(this.#options).admit(chunks);
    const { reused } = admitted;
    if (reused === null) return admitted;
    const { position: from } = this.#checkpoint;
    const to = change.position ?? from;
    throw await idReuse({ ...reused, version, from, to, chunks, captured, known });
  }

  #wrote(written: readonly Written[]): void {
    const { packer, captured, topic } = this.#options;
    const bases = new Map(written.map(({ partition, baseOffset }) => [partition, baseOffset]));
    packer.spans.each(bases, (bucket, partition, first, end) => {
      captured.wrote(bucket, topic, partition, first, end);
    });
  }

  async #sendLedger(transaction: OpenTransaction, next: Checkpoint): Promise<void> {
    const buckets = [...this.#options.captured.changed].map(bucketMessage);
    for (const request of ledgerRequests([...buckets, checkpointMessage(next)])) {
      await transaction.sendLedger(request);
    }
  }

  #next(change: CheckpointChange, ends: TopicEnds): Checkpoint {
    const { topic } = this.#options;
    const { topicEnds } = this.#checkpoint;
    return {
      ...this.#checkpoint,
      ...change,
      topicEnds: ends.ends.length === 0 ? topicEnds : { ...topicEnds, [topic]: ends.ends },
    };
  }
}
