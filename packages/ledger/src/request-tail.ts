import type { Admin } from 'kafkajs';

import { decodeReconcileRequest, type ReconcileRequest, REQUEST_KEY } from './reconcile-request.ts';

/** Of one answer; a broker sends a larger record batch all the same. */
const FETCH_BYTES = 1024 * 1024;

/**
 * What the ledger is asked for while its owner writes it: requests that come behind what was read of it. Of
 * everything else nothing is kept, and nothing is decoded.
 */
export class RequestTail {
  readonly #topic: string;
  #next: bigint;

  /** @param next up to which the ledger was read. */
  constructor(topic: string, next: number) {
    this.#topic = topic;
    this.#next = BigInt(next);
  }

  /**
   * The newest request since the last time, of those that were committed when this began; null without any.
   *
   * @throws PermanentError `ledger-unknown`, and what the brokers say.
   */
  async read(
    admin: Pick<Admin, 'fetchTopicOffsets' | 'fetchPartition'>,
  ): Promise<ReconcileRequest | null> {
    const topic = this.#topic;
    const [log] = await admin.fetchTopicOffsets(topic);
    const end = BigInt(log?.high ?? 0);
    let found: ReconcileRequest | null = null;
    while (this.#next < end) {
      const { messages, nextOffset } = await admin.fetchPartition({
        topic,
        partition: 0,
        offset: String(this.#next),
        maxBytes: FETCH_BYTES,
        maxWaitTimeInMs: 0,
      });
      for (const { key, value, offset } of messages) {
        if (key?.toString() !== REQUEST_KEY) continue;
        found = decodeReconcileRequest(value, `${topic}[0] offset ${offset}`);
      }
      // A transaction that is still open is for the next time.
      if (BigInt(nextOffset) <= this.#next) break;
      this.#next = BigInt(nextOffset);
    }
    return found;
  }
}
