import { backfillTopicName } from '@scoreline/schema';
import { ConfigError } from '@scoreline/service';

import { BackfillTurn } from './backfill-turn.ts';
import { ANY_ROW } from './existing-rows.ts';
import type { LandedTopic } from './landed-topics.ts';
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
  const { sink, topics, backfills, retired } = shared;
  const topic = backfillTopicName(rows, sink.name);
  const turn = new BackfillTurn({
    sink: sink.name,
    topics: topics.map((one) => one.topic),
    retired,
  });
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

function unasked(sink: string, topic: string): ConfigError {
  return new ConfigError(
    `there is a topic ${topic}, and sink-${sink} cannot ask its destination which rows of its own it holds`,
    {
      code: 'backfill-unasked',
      remedy: `A backfill lands in ClickHouse and BigQuery only. Delete the topic: kafka-topics --bootstrap-server B --delete --topic ${topic}`,
    },
  );
}
