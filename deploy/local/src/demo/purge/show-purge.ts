import { comparePurged, readMysqlSide, readPurgedIds, type Side } from '../compare/index.ts';
import { TOPIC } from '../names.ts';
import type { Pipeline } from '../pipeline.ts';
import { createPurgeAccount } from './create-account.ts';
import { purgeAsAnOperator } from './purge-verbs.ts';

export interface ShowPurge {
  readonly pipeline: Pipeline;
  readonly isMysql: boolean;
  /** What MySQL has, and the topic: read before, and the same. */
  readonly mysql: Side;
  readonly topic: Side;
  readonly say: (text: string) => void;
}

/**
 * Purges MySQL of what is old, with the verbs that an operator has. Resolves with whether every row that left
 * is recorded and in each destination as it was. Rejects with what the purge said when it refused.
 */
export async function showPurge({
  pipeline,
  isMysql,
  mysql,
  topic,
  say,
}: ShowPurge): Promise<boolean> {
  const { adminDsn, brokers } = pipeline.addresses;
  const purge = pipeline.purge(await createPurgeAccount({ adminDsn, isMysql }));
  say('');
  await purgeAsAnOperator({ purge, sinks: pipeline.sinkNames, say });
  const [rest, recorded, ...archives] = await Promise.all([
    readMysqlSide({ dsn: adminDsn }),
    readPurgedIds({ brokers, topic: `${TOPIC}.purges` }),
    ...pipeline.sinks.map((sink) => sink.read(pipeline.place)),
  ]);
  const { isAccountedFor, lines } = await comparePurged({
    before: { ...mysql, name: 'MySQL before', find: asInTopic(topic) },
    after: { ...rest, name: 'MySQL now' },
    recorded,
    archives,
  });
  for (const text of ['', ...lines]) say(text);
  return isAccountedFor;
}

/** Rows that MySQL does not have any more can still be shown. */
function asInTopic(topic: Side): Side['find'] {
  return async (ids) => {
    const found = await topic.find(ids);
    return found.map((row) => ({ ...row, where: `(topic ${row.where})` }));
  };
}
