import { type CapturedIds, readLedger } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';

import type { PipelineNames } from './pipeline-names.ts';
import type { RebuildOptions } from './rebuild-ledger.ts';
import type { ScannedTopic } from './scan-rows.ts';
import { unknownTopic } from './topic-version.ts';

/** What an earlier attempt may have left. @throws PermanentError `ledger-present` */
export async function emptyLedger(
  { kafka, names, signal }: RebuildOptions,
  fence: string,
): Promise<CapturedIds> {
  const { ledgerTopic } = names;
  const { checkpoint, captured } = await readLedger(kafka, ledgerTopic, fence, {
    signal,
  });
  if (checkpoint === null) return captured;
  throw new PermanentError(
    `${ledgerTopic} has a checkpoint, of ledger ${checkpoint.ledgerUuid} with ${captured.count} ids`,
    {
      code: 'ledger-present',
      remedy:
        'See with --verify-ledger whether it is right. To have it made anew all the same, stop capture, keep a copy of the ledger topic, and delete it.',
    },
  );
}

/**
 * The topics of every version, oldest first. One that is gone had ids that nobody knows any more, and what
 * the table still has of them would be published again.
 *
 * @throws PermanentError `topic-missing`, `topic-incomplete`, `topic-version-unknown`
 */
export function topicsToRead(
  { topic, topics }: Pick<PipelineNames, 'topic' | 'topics'>,
  there: readonly string[],
): ScannedTopic[] {
  const stem = topic.replace(/\d+$/, '');
  const all = there.filter((one) => one.startsWith(stem) && /^\d+$/.test(one.slice(stem.length)));
  const unknown = all.find((one) => !topics.has(one));
  if (unknown !== undefined) throw unknownTopic(unknown);
  const found = [...topics]
    .filter(([one]) => all.includes(one))
    .map(([one, version]) => ({ topic: one, version }));
  const newest = found.at(-1);
  if (newest === undefined) throw nothingToRead(`there is no topic ${topic}`);
  const gone = [...topics].find(
    ([one, { number }]) => number < newest.version.number && !all.includes(one),
  );
  if (gone === undefined) return found;
  throw new PermanentError(
    `there is ${newest.topic}, and no ${gone[0]}: which ids that had nobody knows`,
    {
      code: 'topic-incomplete',
      remedy: `A ledger made from the rest would publish rows again that the table still has. Restore the ledger topic from a copy, or begin anew under another topic_prefix. If the pipeline began with a later version, so that there never was a ${gone[0]}, create it, empty, and run this again.`,
    },
  );
}

/** Each bucket that is there already is written again, or nobody knows what it is. */
export function requireCovered(
  { ledgerTopic, topic }: PipelineNames,
  before: CapturedIds,
  { count, buckets }: CapturedIds,
): void {
  if (count === 0) throw nothingToRead(`${topic} has no rows`);
  const strange = [...before.buckets.keys()].filter((number) => !buckets.has(number));
  if (strange.length === 0) return;
  throw new PermanentError(
    `${ledgerTopic} has buckets of which ${topic} has no rows: ${strange.slice(0, 5).join(', ')}`,
    {
      code: 'ledger-present',
      remedy:
        'They are of another topic or another time: delete the ledger topic, and run this again.',
    },
  );
}

export function nothingToRead(what: string): PermanentError {
  return new PermanentError(`${what}: no ledger can be made from it`, {
    code: 'topic-missing',
    remedy:
      'Check kafka_brokers, topic_prefix and table. A new pipeline needs no ledger: start capture.',
  });
}
