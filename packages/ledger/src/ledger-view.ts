import { type CommittedRecord, type LogBounds, PartitionReader } from '@scoreline/kafka';
import { PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { decodeEntry, type LedgerEntry } from './codec.ts';
import { unread } from './reader.ts';
import { type LedgerState, stateOf } from './state.ts';
import { WholeTransactions } from './whole-transactions.ts';

export interface LedgerViewOptions {
  /** How long the brokers may send nothing, though there is more, before a refresh fails. */
  readonly timeoutMs?: number;
}

/** A record that was read, to be found again: a log that was made anew has another in its place. */
interface Seen {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
}

/**
 * The ledger beside a capture that runs, read once and then followed: a refresh reads what was written since the
 * last one, and nothing at all when nothing was. A state that was handed out does not change any more.
 *
 * Each refresh that finds something new begins with the last record that is known, as capture begins with the
 * last event: a ledger that was deleted and made anew answers under the same name.
 */
export class LedgerView {
  readonly #topic: string;
  readonly #reader: PartitionReader;
  readonly #records = new WholeTransactions();
  readonly #entries = new Map<string, LedgerEntry>();
  #state: LedgerState | null = null;
  #next = 0n;
  #last: Seen | null = null;
  #readAtMs: number | null = null;
  #changed: PermanentError | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(kafka: Kafka, topic: string, { timeoutMs = 30_000 }: LedgerViewOptions = {}) {
    this.#topic = topic;
    this.#reader = new PartitionReader(kafka, { topic, partition: 0 }, timeoutMs);
  }

  /** When the last refresh that succeeded began, milliseconds since the epoch; null before the first. */
  get readAtMs(): number | null {
    return this.#readAtMs;
  }

  /**
   * The ledger as of everything that is committed when this begins. Of a transaction of capture all or nothing.
   *
   * @throws RetryableError `ledger-unread`, PermanentError `ledger-changed`: it is another ledger from then on.
   */
  async refresh(signal: AbortSignal): Promise<LedgerState> {
    // One after the other: to wait for one that began before would miss what came in between.
    const refreshed = this.#turn.then(() => this.#refresh(signal));
    this.#turn = refreshed.catch(() => {});
    return refreshed;
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #refresh(signal: AbortSignal): Promise<LedgerState> {
    if (this.#changed !== null) throw this.#changed;
    const beganAtMs = Date.now();
    try {
      await this.#readOn(await this.#reader.bounds(signal), signal);
      this.#decode();
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof PermanentError ? cause : unread(this.#topic, cause);
    }
    this.#readAtMs = beganAtMs;
    return this.#state!;
  }

  /** Reads up to the end, from the log's start when nothing is known yet. */
  async #readOn({ start, end }: LogBounds, signal: AbortSignal): Promise<void> {
    if (end < this.#next) {
      throw this.#isAnother(`it ends at ${end}, and was read up to ${this.#next}`);
    }
    const last = this.#last;
    if (last !== null && start > last.offset) {
      throw this.#isAnother(`it begins at ${start}, and ${last.offset} was its last record`);
    }
    if (end <= this.#next) return;
    if (last === null) await this.#readFrom(start, end, signal);
    else await this.#readBehind(last, end, signal);
  }

  async #readFrom(start: bigint, end: bigint, signal: AbortSignal): Promise<void> {
    await this.#reader.read(start, signal, (messages, next) => {
      this.#take(messages, next);
      return next >= end;
    });
  }

  /** Reads on from the last record that is known, and believes nothing before that is seen to be the same. */
  async #readBehind(last: Seen, end: bigint, signal: AbortSignal): Promise<void> {
    const waiting: CommittedRecord[] = [];
    let read = last.offset;
    let to = end;
    const readOn = async (): Promise<boolean> => {
      let isKnown = false;
      await this.#reader.read(read, signal, (messages, next) => {
        read = next;
        for (const message of messages) {
          isKnown ||= this.#follows(last, message);
          if (BigInt(message.offset) > last.offset) waiting.push(message);
        }
        if (isKnown) this.#take(waiting.splice(0), next);
        return next >= to;
      });
      return isKnown;
    };
    while (!(await readOn())) {
      // Compaction takes a record for a newer one of its key alone, which was there before it was missed.
      to = (await this.#reader.bounds(signal)).end;
      if (to <= read) throw this.#isAnother(`${last.offset} was its last record, and is gone`);
    }
  }

  /** Whether a record shows that the log is the one that was read before. */
  #follows(last: Seen, { offset, key, value, timestamp }: CommittedRecord): boolean {
    const hasKey = key === null ? last.key === null : (last.key?.equals(key) ?? false);
    if (BigInt(offset) !== last.offset) return hasKey;
    const hasValue = value === null ? last.value === null : (last.value?.equals(value) ?? false);
    if (hasKey && hasValue && timestamp === last.timestamp) return true;
    throw this.#isAnother(`at ${offset} there was another record before`);
  }

  #take(messages: readonly CommittedRecord[], next: bigint): void {
    this.#next = next;
    for (const { key, value, offset, timestamp } of messages) {
      // Copies: they are views of a whole answer, of which few records are kept.
      const record = { key: key && Buffer.from(key), value: value && Buffer.from(value) };
      this.#records.add({ ...record, where: `${this.#topic}[0] offset ${offset}` });
      this.#last = { ...record, offset: BigInt(offset), timestamp };
    }
  }

  /** Decodes of each key the newest record alone, and only those that are new. */
  #decode(): void {
    const { newest, records } = this.#records;
    const before = this.#state;
    if (before !== null && newest.size === 0) {
      if (records !== before.records) this.#state = { ...before, records };
      return;
    }
    const decoded = new Map(
      [...newest].map(([name, { key, value, where }]) => [name, decodeEntry(key, value, where)]),
    );
    for (const entry of decoded.values()) {
      if (entry.kind === 'checkpoint') this.#check(entry.checkpoint.ledgerUuid);
    }
    for (const [name, entry] of decoded) this.#entries.set(name, entry);
    newest.clear();
    this.#state = { ...stateOf(this.#entries.values()), records };
  }

  #check(uuid: string): void {
    const known = this.#state?.checkpoint?.ledgerUuid ?? uuid;
    if (uuid !== known) throw this.#isAnother(`its uuid is ${uuid}, and was ${known}`);
  }

  #isAnother(what: string): PermanentError {
    this.#changed = new PermanentError(`the ledger ${this.#topic} is another one: ${what}`, {
      code: 'ledger-changed',
      remedy:
        'It was truncated, or deleted and made anew, while this ran. Find out who did that and what is missing in it (capture --verify-ledger) before starting again.',
    });
    return this.#changed;
  }
}
