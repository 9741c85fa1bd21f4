import { groupOf, readGroup } from '@scoreline/landing';
import type { LedgerState, Roster } from '@scoreline/ledger';
import type { Admin } from 'kafkajs';

import { partitionKey } from '../proof/evidence.ts';
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
  readonly #admin: Admin;
  readonly #keepMs: number;
  readonly #nowMs: () => number;
  readonly #highest = new Map<string, bigint>();

  constructor(admin: Admin, { keepMs, nowMs = Date.now }: TrimReaderOptions) {
    this.#admin = admin;
    this.#keepMs = keepMs;
    this.#nowMs = nowMs;
  }

  /** Of every topic that the ledger names and that is not retired. */
  async read(ledger: LedgerState, signal: AbortSignal): Promise<TrimEvidence> {
    const { checkpoint, roster, retired } = ledger;
    const partitions: Trimmable[] = [];
    for (const [topic, ends] of Object.entries(checkpoint?.topicEnds ?? {})) {
      if (retired.has(topic)) continue;
      const read = () => this.#topic(topic, ends, { ledger, signal });
      partitions.push(...(await askBrokers(`what has landed of ${topic}`, signal, read)));
    }
    return { ledgerUuid: checkpoint?.ledgerUuid ?? null, roster, partitions };
  }

  async #topic(
    topic: string,
    ends: readonly number[],
    { ledger, signal }: { readonly ledger: LedgerState; readonly signal: AbortSignal },
  ): Promise<Trimmable[]> {
    const young = await this.#admin.fetchTopicOffsetsByTimestamp(
      topic,
      this.#nowMs() - this.#keepMs,
    );
    const youngFrom = new Map(
      young.map(({ partition, offset }) => [partition, BigInt(offset)] as const),
    );
    const holders = await this.#holders(topic, ledger, signal);
    signal.throwIfAborted();
    return (await this.#admin.fetchTopicOffsets(topic))
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ partition, low, high }) => ({
        topic,
        partition,
        logStart: BigInt(low),
        logEnd: BigInt(high),
        rowsEnd: BigInt(ends[partition] ?? 0),
        youngFrom: youngFrom.get(partition) ?? null,
        holders: holders.get(partition) ?? [],
      }));
  }

  /** By partition. */
  async #holders(
    topic: string,
    { roster, audits }: LedgerState,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, readonly Holder[]>> {
    const byPartition = new Map<number, Holder[]>();
    for (const sink of needing(roster, await sinksOf(this.#admin, topic))) {
      signal.throwIfAborted();
      const group = groupOf(sink.name, topic);
      for (const found of await readGroup(this.#admin, { topic, group })) {
        const key = partitionKey(group, topic, found.partition);
        const holders = byPartition.get(found.partition) ?? [];
        holders.push({
          sink: sink.name,
          state: sink.state,
          dest: sink.dest,
          found,
          highest: this.#highest.get(key),
          audits: audits.get(sink.name) ?? [],
        });
        byPartition.set(found.partition, holders);
        const offset = found.committed?.offset ?? -1n;
        if (offset > (this.#highest.get(key) ?? -1n)) this.#highest.set(key, offset);
      }
    }
    return byPartition;
  }
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
