import { kafkaErrorType } from '@scoreline/kafka';
import { RetryableError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import { offsetsOf } from './trim-plan.ts';
import type { TrimDecision } from './trim-rule.ts';

/** A partition that begins later than before. */
export interface Trimmed {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  /** Its first offset now. */
  readonly start: bigint;
}

type Deleting = Pick<Admin, 'deleteTopicRecords' | 'fetchTopicOffsets'>;

/**
 * Deletes what was decided, one partition at a time: of several in one request kafkajs may lose the error of
 * one behind that of another. Then it asks where each begins, and believes that alone.
 *
 * `trimmed` is told of each partition that begins later, also when another has failed.
 *
 * @throws RetryableError `trim-unfinished` when one does not begin where it should.
 */
export async function deleteRecords(
  admin: Deleting,
  decisions: readonly TrimDecision[],
  { signal, trimmed }: { signal: AbortSignal; trimmed: (partition: Trimmed) => void },
): Promise<void> {
  const wanted = decisions.filter((decision) => offsetsOf(decision) > 0n);
  const errors = new Map<TrimDecision, unknown>();
  for (const decision of wanted) {
    signal.throwIfAborted();
    const { topic, partition, below } = decision;
    try {
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(below) }] });
    } catch (error) {
      errors.set(decision, error);
    }
  }
  const unfinished: TrimDecision[] = [];
  for (const topic of new Set(wanted.map((decision) => decision.topic))) {
    const found = await admin.fetchTopicOffsets(topic);
    const starts = new Map(found.map(({ partition, low }) => [partition, BigInt(low)] as const));
    for (const decision of wanted.filter((one) => one.topic === topic)) {
      const { partition, below, logStart: from } = decision;
      const start = starts.get(partition) ?? -1n;
      if (start < below) unfinished.push(decision);
      if (start > from) trimmed({ topic, partition, from, start });
    }
  }
  if (unfinished.length > 0) throw notDeleted(unfinished, errors);
}

function notDeleted(
  unfinished: readonly TrimDecision[],
  errors: ReadonlyMap<TrimDecision, unknown>,
): RetryableError {
  const each = unfinished.map((decision) => {
    const { topic, partition, below } = decision;
    const error = errors.get(decision);
    return `${topic}[${partition}] to ${below}: ${error === undefined ? 'its log begins before' : nameOf(error)}`;
  });
  return new RetryableError(`records were not deleted (${each.join('; ')})`, {
    code: 'trim-unfinished',
    remedy: 'The user needs DELETE on the topic. What is left is tried again.',
    cause: errors.get(unfinished[0]!),
  });
}

/** The error of the one partition that was asked for, which kafkajs keeps beside its own. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { partitions } = error as Error & { partitions?: readonly { error?: unknown }[] };
  const inner = partitions?.[0]?.error ?? error.cause;
  return inner === undefined ? (kafkaErrorType(error) ?? error.message) : nameOf(inner);
}
