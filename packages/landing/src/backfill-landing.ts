import { backfillTopicName } from '@scoreline/schema';
import { ConfigError } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import { ANY_ROW } from './existing-rows.ts';
import { readGroup } from './group-offsets.ts';
import { groupOf, type LandedTopic } from './landed-topics.ts';
import type { Standing } from './topic-standing.ts';
import { type SharedLanding, versionLanding } from './version-landing.ts';

/**
 * Lands what capture has published once more of a version's rows, for this sink alone, which began later
 * than they: under a group of its own, and of each range what the destination lacks.
 *
 * **No row twice.** To ask what is there and then to add to it is right while nobody else adds the same. The
 * topic's own group might: so capture publishes a row here only when that group is past it, and here nothing
 * is begun before that group has landed whatever its topic had when this process looked first. That also
 * holds when somebody has set it back to fill an empty table.
 */
export function backfillLanding(
  { topic: rows, version }: LandedTopic,
  shared: SharedLanding,
): ReturnType<typeof versionLanding> {
  const { sink, topics, backfills } = shared;
  const topic = backfillTopicName(rows, sink.name);
  const turn = new Turn(
    topics.map((one) => one.topic),
    sink.name,
  );
  const isOnly = topics.length === 1;
  return versionLanding(
    { topic, version },
    { ...shared, existing: ANY_ROW },
    {
      name: isOnly ? 'backfill' : `backfill-v${version.number}`,
      async standing(admin) {
        const there = new Set(await admin.listTopics());
        if (!there.has(topic)) return 'absent';
        if (sink.findsOwnRows !== true) throw unasked(sink.name, topic);
        backfills.add(topic);
        return turn.standing(admin, there);
      },
    },
  );
}

/** Whether the sink's own groups have landed what their topics held at first sight. */
class Turn {
  readonly #topics: readonly string[];
  readonly #sink: string;
  readonly #ends = new Map<string, readonly bigint[]>();

  constructor(topics: readonly string[], sink: string) {
    this.#topics = topics;
    this.#sink = sink;
  }

  async standing(admin: Admin, there: ReadonlySet<string>): Promise<Standing> {
    for (const topic of this.#topics) {
      if (!there.has(topic)) continue;
      const found = await readGroup(admin, { topic, group: groupOf(this.#sink, topic) });
      const ends = this.#ends.get(topic) ?? found.map(({ logEnd }) => logEnd);
      this.#ends.set(topic, ends);
      const isPast = ends.every((end, at) => (found[at]?.committed?.offset ?? -1n) >= end);
      if (!isPast) return 'later';
    }
    return 'there';
  }
}

function unasked(sink: string, topic: string): ConfigError {
  return new ConfigError(
    `there is a topic ${topic}, and sink-${sink} cannot ask its destination which rows of its own it holds`,
    {
      code: 'backfill-unasked',
      remedy: `A backfill lands in ClickHouse and BigQuery only. Delete the topic: kafka-topics --bootstrap-server B --delete --topic ${topic}`,
    },
  );
}
