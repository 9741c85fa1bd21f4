import { setTimeout as delay } from 'node:timers/promises';

import { isCoordinatorMoving, isStaleMember } from '@scoreline/kafka';
import { RetryableError } from '@scoreline/service';
import type { Consumer } from 'kafkajs';

import { formatCommitMetadata } from './commit-metadata.ts';
import type { Progress } from './progress.ts';

/** Who in the group, and in which of its generations: a fetched batch and a commit belong to one. */
export interface Membership {
  readonly memberId: string;
  readonly generationId: number;
}

/** Of nobody: the coordinator takes a commit under it only while the group is empty. */
export const NO_MEMBER: Membership = { memberId: '', generationId: -1 };

export type CommitOnce = Pick<Consumer, 'commitOffsetsOnce'>;

export interface CommitScope {
  readonly membership: Membership;
  readonly topic: string;
  readonly signal: AbortSignal;
}

/** Whether the commit was made is not known: the membership must end before anybody reads the offsets again. */
export class UnknownCommitError extends RetryableError {
  constructor(topic: string, cause: unknown) {
    super(`a commit to ${topic} failed`, { code: 'commit-failed', cause });
  }
}

const AGAIN_MS = 100;

/**
 * Commits under one membership, each once. kafkajs's own commit reads the member id and generation
 * anew for each retry, so that a commit which met a connection error is accepted after a rebalance,
 * for a partition that another member owns by then. Only what the coordinator did not look at is
 * sent again.
 */
export class Committer {
  readonly #consumer: CommitOnce;
  readonly #scope: CommitScope;

  constructor(consumer: CommitOnce, scope: CommitScope) {
    this.#consumer = consumer;
    this.#scope = scope;
  }

  /** Commits all of them in one request, or fails: then whoever called lets go of everything that it holds under the membership. */
  async commit(all: Iterable<readonly [partition: number, progress: Progress]>): Promise<void> {
    const { membership, topic, signal } = this.#scope;
    const partitions = [...all].map(([partition, progress]) => ({
      partition,
      offset: progress.committed.toString(),
      metadata: formatCommitMetadata(progress),
    }));
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.#consumer.commitOffsetsOnce({ ...membership, topics: [{ topic, partitions }] });
        return;
      } catch (error) {
        if (isStaleMember(error)) throw error;
        if (!isCoordinatorMoving(error)) throw new UnknownCommitError(topic, error);
        await delay(AGAIN_MS, undefined, { signal });
      }
    }
  }
}
