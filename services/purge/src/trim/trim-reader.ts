import { type FoundPartition, groupOf, readGroup } from '@scoreline/landing';
import type { LedgerState, Roster } from '@scoreline/ledger';
import type { Admin } from 'kafkajs';

import { seenKey } from '../proof/evidence.ts';
import { metadataOf } from '../proof/metadata-of.ts';
import { askBrokers } from '../roster/ask-brokers.ts';
import { sinksOf } from '../roster/sink-groups.ts';
import type { TrimEvidence } from './trim-plan.ts';
import type { Holder, Trimmable } from './trim-rule.ts';

export interface TrimReaderOptions {
  /** Records younger than this stay. */
  readonly keepMs: number;
  readonly nowMs?: () => number;
}

/**
 * Reads what a trimming rests on, from the ledger and from the brokers. It remembers the highest offset that it
 * saw of each group: one that is below that later was moved back, and lands again from there.
 */
export class TrimReader {
  readonly #keepMs: number;
  readonly #nowMs: () => number;
  readonly #highest = new Map<string, bigint>();

  constructor({ keepMs, nowMs = Date.now }: TrimReaderOptions) {
    this.#keepMs = keepMs;
    this.#nowMs = nowMs;
  }

  /**
   * Of every topic that the ledger names and that is not retired.
   *
   * @param admin a new one each time: one that has ever asked for a topic fails from when that is gone.
   */
  async read(admin: Admin, ledger: LedgerState, signal: AbortSignal): Promise<TrimEvidence> {
    const { checkpoint, roster, retired } = ledger;
    const partitions: Trimmable[] = [];
    for (const [topic, ends] of Object.entries(checkpoint?.topicEnds ?? {})) {
      if (retired.has(topic)) continue;
      const read = () => this.#topic({ admin, ledger, signal }, topic, ends);
      partitions.push(...(await askBrokers(`what has landed of ${topic}`, signal, read)));
    }
    return { ledgerUuid: checkpoint?.ledgerUuid ?? null, roster, partitions };
  }

  async #topic(asked: Asked, topic: string, ends: readonly number[]): Promise<Trimmable[]> {
    const { admin, ledger, signal } = asked;
    const young = await admin.fetchTopicOffsetsByTimestamp(topic, this.#nowMs() - this.#keepMs);
    const youngFrom = new Map(
      young.map(({ partition, offset }) => [partition, BigInt(offset)] as const),
    );
    const holders = await this.#holders(asked, topic);
    signal.throwIfAborted();
    return (await admin.fetchTopicOffsets(topic))
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ partition, low, high }) => ({
        topic,
        partition,
        logStart: BigInt(low),
        logEnd: BigInt(high),
        rowsEnd: BigInt(ends[partition] ?? 0),
        youngFrom: youngFrom.get(partition) ?? null,
        buckets: ledger.captured.buckets,
        holders: holders.get(partition) ?? [],
      }));
  }

  /** By partition. */
  async #holders(
    { admin, ledger: { roster, audits }, signal }: Asked,
    topic: string,
  ): Promise<ReadonlyMap<number, readonly Holder[]>> {
    const byPartition = new Map<number, Holder[]>();
    for (const { name, state, dest } of needing(roster, await sinksOf(admin, topic))) {
      signal.throwIfAborted();
      for (const found of await readGroup(admin, { topic, group: groupOf(name, topic) })) {
        const holders = byPartition.get(found.partition) ?? [];
        holders.push({
          sink: name,
          state,
          dest,
          found,
          highest: this.#highestBefore(found),
          audits: audits.get(name) ?? [],
        });
        byPartition.set(found.partition, holders);
      }
    }
    return byPartition;
  }

  /** Of the same destination: in another one a sink begins at the beginning. What nobody understands is not remembered. */
  #highestBefore(found: FoundPartition): bigint | undefined {
    const dest = metadataOf(found)?.dest;
    if (dest === undefined || found.committed === null) return undefined;
    const key = seenKey(found, dest);
    const { offset } = found.committed;
    const before = this.#highest.get(key);
    if (before === undefined || offset > before) this.#highest.set(key, offset);
    return before;
  }
}

interface Asked {
  readonly admin: Admin;
  readonly ledger: LedgerState;
  readonly signal: AbortSignal;
}

/** Everybody but the retired: a sink that has a group and that no roster names may be on its way into it. */
function needing(
  roster: Roster,
  grouped: readonly string[],
): Pick<Holder & { readonly name: string }, 'name' | 'state' | 'dest'>[] {
  const listed = roster.flatMap(({ name, state, dest }) =>
    state === 'retired' ? [] : [{ name, state, dest }],
  );
  const unlisted = grouped
    .filter((name) => roster.every((sink) => sink.name !== name))
    .map((name) => ({ name, state: 'unlisted' as const, dest: null }));
  return [...listed, ...unlisted];
}
