import { type CommitMetadata, type FoundPartition, parseCommitMetadata } from '@scoreline/landing';
import { PermanentError } from '@scoreline/service';

import type { Place, Reason } from './reason.ts';
import { nameOf } from './reason.ts';

/** Rows of a bucket in one partition: from the offset of the first to the one after the last. */
export interface Needed {
  readonly place: Required<Place>;
  readonly first: bigint;
  readonly end: bigint;
}

/** What else the group's commit is held against. */
export interface Expected {
  /** Fingerprint of the destination that was promoted. */
  readonly dest: string | null;
  /** The highest offset that the group was seen to have committed. */
  readonly highest: bigint | undefined;
  /** The group may have begun here: what is below was found in the destination by an audit. */
  readonly auditedBelow: bigint | undefined;
}

/**
 * Why a group's commit does not prove that the rows have landed; null when it does. Only a commit that
 * the sink itself made, in the same destination, and in one unbroken run from before the first row to
 * behind the last, is proof. An offset that is gone, moved or not understood is never "nothing left to do".
 */
export function whyNotLanded(
  { place, first, end }: Needed,
  found: FoundPartition | undefined,
  { dest, highest, auditedBelow }: Expected,
): Reason | null {
  const name = nameOf(place);
  const committed = found?.committed ?? null;
  const reason = (kind: Reason['kind'], code: string, what: string): Reason => ({
    kind,
    code,
    message: `${name}: ${what}`,
    at: place,
    needed: end,
    held: committed?.offset ?? null,
  });
  const refuse = (code: string, what: string) => reason('refuse', code, what);

  if (found === undefined) {
    return refuse(
      'partition-missing',
      'the ledger has rows there, the topic has no such partition',
    );
  }
  if (end > found.logEnd) {
    return refuse(
      'topic-truncated',
      `the ledger has rows up to ${end}, but the log ends at ${found.logEnd}: it was truncated or created again`,
    );
  }
  if (committed === null) {
    return refuse(
      'offset-missing',
      'no offset: the sink never ran, or its offsets expired or were deleted',
    );
  }
  if (committed.metadata === null || committed.metadata === '') {
    return refuse(
      'offset-reset',
      `the offset ${committed.offset} carries no metadata: not the sink committed it`,
    );
  }
  let metadata: CommitMetadata;
  try {
    metadata = parseCommitMetadata(committed.metadata, name);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return refuse(error.code, error.message);
  }
  if (committed.offset > found.logEnd) {
    return refuse(
      'offset-above-log-end',
      `committed ${committed.offset}, but the log ends at ${found.logEnd}`,
    );
  }
  if (committed.offset < found.logStart) {
    return refuse(
      'offset-below-log-start',
      `committed ${committed.offset}, but the log begins at ${found.logStart}: records were deleted before they landed`,
    );
  }
  if (highest !== undefined && committed.offset < highest) {
    return refuse(
      'offset-moved-back',
      `committed ${committed.offset}, and had committed ${highest} before`,
    );
  }
  if (dest === null || metadata.dest !== dest) {
    return refuse(
      'destination-changed',
      `lands in a destination with the fingerprint ${metadata.dest}; ${dest === null ? 'none was promoted' : `promoted was ${dest}`}`,
    );
  }
  const { quarantined } = metadata;
  if (quarantined !== undefined && quarantined.first < end) {
    return refuse(
      'quarantined',
      `${quarantined.count} records from ${quarantined.first} to ${quarantined.last} are in quarantine, not in the destination`,
    );
  }
  const covered = auditedBelow !== undefined && metadata.since <= auditedBelow;
  if (metadata.since > first && !covered) {
    return refuse(
      'landed-from-later',
      `has landed without a break since ${metadata.since} only, the first row is at ${first}`,
    );
  }
  if (committed.offset < end) {
    return reason('wait', 'behind', `committed ${committed.offset}, ${end} is needed`);
  }
  return null;
}
