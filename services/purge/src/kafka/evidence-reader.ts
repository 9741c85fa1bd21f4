import { kafkaErrorType } from '@scoreline/kafka';
import { type FoundPartition, readGroup } from '@scoreline/landing';
import type { LedgerState, Roster } from '@scoreline/ledger';
import { RetryableError, ScorelineError, unlessAborted } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import { type Evidence, groupOf, seenKey } from '../proof/evidence.ts';
import { landedBefore } from '../proof/retired-topic.ts';

/**
 * Reads what the sinks have landed, for the topics that the ledger has rows in. What is not there is left out, which
 * blocks; an error is an error, and never an answer.
 */
export class EvidenceReader {
  readonly #kafka: Kafka;
  readonly #highest: Map<string, bigint>;

  /** @param highest what was seen before this process began: the purge log has it. */
  constructor(kafka: Kafka, highest: ReadonlyMap<string, bigint>) {
    this.#kafka = kafka;
    this.#highest = new Map(highest);
  }

  /**
   * @param state read before: what it knows of is then in the logs whose ends are read.
   * @throws RetryableError `evidence-unread`
   */
  async read(state: LedgerState, signal: AbortSignal): Promise<Evidence> {
    const { roster, audits } = state;
    const groups = await this.#readGroups(state, signal);
    const highest = new Map(this.#highest);
    this.#remember(roster, groups);
    return { roster, audits, groups, highest };
  }

  async #readGroups(state: LedgerState, signal: AbortSignal): Promise<FoundPartition[]> {
    // Not kept: of an admin that has once asked for a topic every later question fails when that is gone.
    const admin = this.#kafka.admin({ retry: { retries: 1 } });
    try {
      return await unlessAborted(groupsOf(admin, state), signal);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof ScorelineError) throw cause;
      const type = kafkaErrorType(cause);
      throw new RetryableError(
        `what the sinks have committed cannot be read: ${type ?? (cause as Error).message}`,
        {
          code: 'evidence-unread',
          remedy:
            'Check that the brokers run, and grant Describe on the topics of rows and on the groups of the sinks.',
          cause,
        },
      );
    } finally {
      const closing = admin.disconnect().catch(() => {});
      // Whoever stops does not wait for a broker that says nothing.
      if (!signal.aborted) await closing;
    }
  }

  /** Only what a sink has committed itself, in the destination that was promoted. */
  #remember(roster: Roster, groups: readonly FoundPartition[]): void {
    for (const { name, dest } of roster) {
      if (dest === null) continue;
      for (const found of groups) {
        const { committed } = found;
        if (found.group !== groupOf(name, found.topic) || !committed?.metadata) continue;
        const key = seenKey(found, dest);
        if (committed.offset > (this.#highest.get(key) ?? -1n)) {
          this.#highest.set(key, committed.offset);
        }
      }
    }
  }
}

async function groupsOf(admin: Admin, state: LedgerState): Promise<FoundPartition[]> {
  await admin.connect();
  const existing = new Set(await admin.listTopics());
  const groups: FoundPartition[] = [];
  for (const topic of topicsOf(state)) {
    const retired = state.retired.get(topic);
    for (const { name } of state.roster.filter((sink) => sink.state !== 'retired')) {
      const group = groupOf(name, topic);
      if (retired !== undefined) groups.push(...landedBefore(retired, group));
      // Rows of a topic that is gone are not proven, as those of a partition that is.
      else if (existing.has(topic)) groups.push(...(await readGroup(admin, { topic, group })));
    }
  }
  return groups;
}

function topicsOf({ captured }: LedgerState): Set<string> {
  const topics = new Set<string>();
  for (const { offsets } of captured.buckets.values()) {
    for (const topic of offsets.keys()) topics.add(topic);
  }
  return topics;
}
