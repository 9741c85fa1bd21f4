import { ConfigError, type Logger, PermanentError, retry } from '@scoreline/service';

import type { Beginning } from './other-topics.ts';
import { type Progress, progress as rules } from './progress.ts';
import type { Range, RangeFacts } from './range.ts';
import type { LandingConfig } from './settings.ts';
import type { Sink, WriteAttempt } from './sink.ts';

/** What a range's write has to know of rows that others have left. Nothing, when it lies wholly above them. */
export function heldOf(
  { minId }: Pick<RangeFacts, 'minId'>,
  { heldUpTo }: Pick<Progress, 'heldUpTo'>,
): Pick<WriteAttempt, 'heldUpTo'> {
  return heldUpTo === undefined || minId > heldUpTo ? {} : { heldUpTo };
}

/** The highest id that the destination holds; null when it holds no rows. */
type Ask = (signal: AbortSignal, topic: string) => Promise<number | null>;

export interface ExistingRows {
  /** `existing_rows=anti-join`: a group may begin beside rows that are none of ours. */
  readonly antiJoin: boolean;
  /** Null where the destination cannot be asked. */
  readonly ask: Ask | null;
  /** Of a backfill: the destination may hold any of its rows, whenever it is looked at. */
  readonly anyRow?: boolean;
}

/** No id is above it: every range is compared with what is there. */
const ANY_ID = Number.MAX_SAFE_INTEGER;
export const ANY_ROW: ExistingRows = { antiJoin: true, ask: null, anyRow: true };

/** @throws ConfigError `existing-rows-unasked` when the setting needs a destination that can be asked. */
export function existingRows(
  sink: Pick<Sink, 'name' | 'heldUpTo'>,
  { existing_rows: setting }: Pick<LandingConfig, 'existing_rows'>,
  log: Logger,
): ExistingRows {
  const antiJoin = setting === 'anti-join';
  if (sink.heldUpTo === undefined) {
    if (!antiJoin) return { antiJoin, ask: null };
    throw new ConfigError(
      `existing_rows=${setting}: sink-${sink.name} cannot ask its destination which rows it holds`,
      {
        code: 'existing-rows-unasked',
        remedy:
          'Remove the setting. docs/10-coming-from-the-archiver.md says what becomes of the rows that an archiver has left in each destination.',
      },
    );
  }
  if (antiJoin) {
    log.info(
      `existing_rows=${setting}: a group without offsets begins at the log’s start, though the destination may hold rows; of ranges whose ids may be there the rows land whose ids are not. Groups with offsets go on as before`,
    );
  }
  const ask: Ask = (signal, topic) =>
    retry(async () => (await sink.heldUpTo?.(signal, topic)) ?? null, {
      signal,
      log,
      what: `asking ${sink.name} for the highest id that it holds`,
    });
  return { antiJoin, ask };
}

export interface Destined {
  readonly topic: string;
  readonly destination: { readonly name: string };
  readonly existing: ExistingRows;
  readonly log: Logger;
}

/**
 * First commits, with what the destination holds as they are made. It is asked now and not at start:
 * nothing of these partitions is written before they are committed. A version that begins beside another's
 * rows asks too: should rows of its own be among them, because its offsets were deleted, they stay as they
 * are. When nobody is asked, what an earlier version's group has found there still counts.
 */
export async function besideOthers(
  begun: ReadonlyMap<number, Progress>,
  { topic, destination, existing: { antiJoin, ask, anyRow = false }, log }: Destined,
  {
    besideVersion,
    heldUpTo: inherited,
    signal,
  }: Omit<Beginning, 'holdsRows'> & { readonly signal: AbortSignal },
): Promise<ReadonlyMap<number, Progress>> {
  if (begun.size === 0) return begun;
  if (anyRow) return besideAll(begun, ANY_ID);
  const asks = ask !== null && (antiJoin || besideVersion);
  const heldUpTo = asks ? await ask(signal, topic) : inherited;
  if (heldUpTo === undefined || heldUpTo === null) return begun;
  log.warn(
    { topic, partitions: [...begun.keys()], heldUpTo },
    `${destination.name} holds rows with ids up to ${heldUpTo}: those are left as they are, and the others land. Nobody else may add rows to it from now on`,
  );
  return besideAll(begun, heldUpTo);
}

function besideAll(
  begun: ReadonlyMap<number, Progress>,
  heldUpTo: number,
): ReadonlyMap<number, Progress> {
  return new Map([...begun].map(([partition, now]) => [partition, rules.beside(now, heldUpTo)]));
}

/** Which of a range's ids were found at the destination, as far as this has to be judged. */
export interface Found {
  /** The highest of them. */
  readonly highest: number;
}

/**
 * Whoever is asked about a range that has never been started holds none of its rows above those of
 * before. If it does, the other archiver still writes, and would double what lands from now on.
 *
 * @throws PermanentError `existing-rows-grow`
 */
export function checkNobodyAdds(
  { topic, partition, first, last }: Pick<Range, 'topic' | 'partition' | 'first' | 'last'>,
  { highest }: Found,
  { number, replay, heldUpTo }: WriteAttempt,
): void {
  const isFirst = number === 1 && !replay;
  if (!isFirst || heldUpTo === undefined || highest <= heldUpTo) return;
  throw new PermanentError(
    `the destination held ids up to ${heldUpTo} when this group began, and now holds id ${highest} of ${topic}[${partition}] offsets ${first} to ${last}, which has never been started`,
    {
      code: 'existing-rows-grow',
      remedy:
        'Somebody else still writes there: stop the other archiver for this destination. Then stop every member of this group, delete its offsets (kafka-consumer-groups --delete-offsets), and start with existing_rows=anti-join again, which takes a new bound.',
    },
  );
}
