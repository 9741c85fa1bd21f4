import { kafkaErrorType } from '@scoreline/kafka';
import { type FoundPartition, readGroup } from '@scoreline/landing';
import type { LedgerState, LedgerView, Retirement, Roster } from '@scoreline/ledger';
import { RetryableError, ScorelineError, unlessAborted } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import { type Evidence, groupOf, seenKey } from '../proof/evidence.ts';

/**
 * Reads what the sinks have landed, for the topics that the ledger has rows in. What is not there is left out, which
 * blocks; an error is an error, and never an answer.
 */
export class EvidenceReader {
  readonly #admin: Admin;
  readonly #view: Pick<LedgerView, 'refresh'>;
  readonly #highest: Map<string, bigint>;

  /** @param highest what was seen before this process began: the purge log has it. */
  constructor(
    admin: Admin,
    view: Pick<LedgerView, 'refresh'>,
    highest: ReadonlyMap<string, bigint>,
  ) {
    this.#admin = admin;
    this.#view = view;
    this.#highest = new Map(highest);
  }

  /** @throws RetryableError `evidence-unread` or `ledger-unread`, PermanentError `ledger-changed`. */
  async read(signal: AbortSignal): Promise<Evidence> {
    const readAtMs = Date.now();
    // The ledger first: what it knows of is then in the logs whose ends are read.
    const state = await this.#view.refresh(signal);
    const { roster, audits } = state;
    const groups: FoundPartition[] = [];
    for (const topic of topicsOf(state)) {
      for (const { name } of roster.filter((sink) => sink.state !== 'retired')) {
        const group = groupOf(name, topic);
        const retired = state.retired.get(topic);
        if (retired !== undefined) groups.push(...keptBy(retired, group));
        else groups.push(...(await this.#ask(topic, group, signal)));
      }
    }
    const highest = new Map(this.#highest);
    this.#remember(roster, groups);
    return { readAtMs, roster, audits, groups, highest };
  }

  async #ask(topic: string, group: string, signal: AbortSignal): Promise<FoundPartition[]> {
    try {
      return await unlessAborted(readGroup(this.#admin, { topic, group }), signal);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof ScorelineError) throw cause;
      const type = kafkaErrorType(cause);
      // As a partition that is gone: rows that were in it are not proven.
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
      throw new RetryableError(
        `what ${group} has committed cannot be read: ${type ?? (cause as Error).message}`,
        {
          code: 'evidence-unread',
          remedy: 'Check that the brokers run, and grant Describe on the topic and on the group.',
          cause,
        },
      );
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

function topicsOf({ captured }: LedgerState): Set<string> {
  const topics = new Set<string>();
  for (const { offsets } of captured.buckets.values()) {
    for (const topic of offsets.keys()) topics.add(topic);
  }
  return topics;
}

/** A retired topic may be gone, and its offsets with it: they are as its record in the ledger has them. */
function keptBy({ topic, ends, groups }: Retirement, group: string): FoundPartition[] {
  const kept = groups.find((one) => one.group === group);
  return ends.map((end, partition) => {
    const offset = BigInt(kept?.committed[partition] ?? -1);
    return {
      topic,
      partition,
      group,
      committed: offset < 0n ? null : { offset, metadata: kept?.metadata[partition] ?? null },
      logStart: 0n,
      // The log went on for a marker, perhaps, which the sink had committed too.
      logEnd: offset > BigInt(end) ? offset : BigInt(end),
    };
  });
}
