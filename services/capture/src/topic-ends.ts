import { PermanentError } from '@scoreline/service';

export interface Written {
  readonly partition: number;
  readonly baseOffset: number;
  readonly records: number;
}

/**
 * Where each partition of the topic ends, as far as the ledger knows: a topic never ends below that,
 * unless records that had been captured are gone.
 */
export class TopicEnds {
  readonly #topic: string;
  readonly #ends: number[];

  constructor(topic: string, ends: readonly number[]) {
    this.#topic = topic;
    this.#ends = [...ends];
  }

  get ends(): readonly number[] {
    return this.#ends;
  }

  /** @throws PermanentError `topic-truncated`, for what the brokers say at the start. */
  check(seen: readonly number[]): void {
    this.#ends.forEach((end, partition) => {
      const now = seen[partition] ?? 0;
      if (now < end) throw this.#truncated(partition, `ends at ${now}`);
    });
  }

  /**
   * Takes in where a request's records went.
   *
   * @throws PermanentError `topic-truncated`
   */
  wrote(written: readonly Written[]): void {
    for (const { partition, baseOffset, records } of written) {
      if (baseOffset < (this.#ends[partition] ?? 0)) {
        throw this.#truncated(partition, `took records at ${baseOffset}`);
      }
      while (this.#ends.length <= partition) this.#ends.push(0);
      this.#ends[partition] = baseOffset + records;
    }
  }

  #truncated(partition: number, seen: string): PermanentError {
    return new PermanentError(
      `topic ${this.#topic} was truncated or recreated: the ledger knows records of partition ${partition} up to offset ${this.#ends[partition]}, it ${seen}`,
      {
        code: 'topic-truncated',
        remedy:
          'Rows that were captured are not in the topic any more. Restore the topic, or start a new ledger under another topic_prefix and capture again.',
      },
    );
  }
}
