import { type CapturedIds, readLedger } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';

import type { PipelineNames } from './pipeline-names.ts';
import type { RebuildOptions } from './rebuild-ledger.ts';

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
