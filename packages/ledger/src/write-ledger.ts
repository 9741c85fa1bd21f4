import { hostname } from 'node:os';

import { FencingWriter, type FencingWriterOptions, PartitionReader } from '@scoreline/kafka';
import { PermanentError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { fenceMessage, isCaptures } from './codec.ts';
import type { LedgerMessage } from './message.ts';
import { unread } from './reader.ts';
import { decodeLedger, type LedgerState } from './state.ts';
import { WholeTransactions } from './whole-transactions.ts';

export interface WriteLedgerOptions extends FencingWriterOptions {
  readonly signal: AbortSignal;
}

/** What is to be written, null for nothing, from what the ledger holds. */
export type LedgerDecision = (state: LedgerState) => Promise<readonly LedgerMessage[] | null>;

/**
 * Writes records that are not capture's, one writer at a time: it fences whoever else writes under this id, reads
 * the ledger up to its own fence, and writes what `decide` answers in one transaction. So nothing that another has
 * written meanwhile is overwritten unseen. After a failure the ledger says whether it was written: ask again.
 *
 * @throws what `decide` throws; RetryableError `producer-fenced`, `kafka-send` or `ledger-unread`, PermanentError
 * `kafka-refuses`.
 */
export async function writeLedger(
  kafka: Kafka,
  options: WriteLedgerOptions,
  decide: LedgerDecision,
): Promise<void> {
  const { transactionalId, signal } = options;
  const writer = new FencingWriter(kafka, options);
  try {
    await writer.open(signal);
    // One key for each writer, so that compaction leaves one record of its fences.
    const fence = fenceMessage(transactionalId, { atMs: Date.now(), host: hostname() });
    // Capture may have a transaction open, which holds up what others have committed behind it.
    const fencedAt = await writer.write([fence], signal);
    const messages = await decide(await readUpTo(kafka, fencedAt, options));
    if (messages === null || messages.length === 0) return;
    for (const { key } of messages) {
      if (isCaptures(key.toString())) throw new RangeError(`${key.toString()} is capture's`);
    }
    await writer.write(messages, signal);
  } finally {
    const closing = writer.close();
    // Whoever stops does not wait for a broker that says nothing.
    if (!signal.aborted) await closing;
  }
}

async function readUpTo(
  kafka: Kafka,
  fencedAt: bigint,
  { topic, signal, timeoutMs = 30_000 }: WriteLedgerOptions,
): Promise<LedgerState> {
  const reader = new PartitionReader(kafka, { topic, partition: 0 }, timeoutMs);
  const read = new WholeTransactions();
  try {
    const { start } = await reader.bounds(signal);
    await reader.read(start, signal, (messages, next) => {
      for (const { key, value, offset } of messages) {
        read.add({ key, value, where: `${topic}[0] offset ${offset}` });
      }
      return next > fencedAt;
    });
    return { ...decodeLedger(read.newest.values()), records: read.records };
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof PermanentError ? cause : unread(topic, cause);
  } finally {
    const closing = reader.close();
    if (!signal.aborted) await closing;
  }
}
