import { PermanentError } from '@scoreline/service';

import { parseCommitMetadata } from './commit-metadata.ts';
import { type Progress, progress } from './progress.ts';

/** One partition as the broker describes it after a join. Never from memory: another member may have committed since. */
export interface FoundPartition {
  readonly topic: string;
  readonly partition: number;
  readonly group: string;
  /** Null when the group has no offset for it. */
  readonly committed: { readonly offset: bigint; readonly metadata: string | null } | null;
  /** The leader's first offset and the one after its last. */
  readonly logStart: bigint;
  readonly logEnd: bigint;
}

export interface ResumeOptions {
  readonly dest: {
    readonly name: string;
    readonly fingerprint: string;
    readonly holdsRows: boolean;
  };
  /** `accept_offset` for this partition: the operator's word for where to go on. */
  readonly accepted: bigint | undefined;
  /** `existing_rows=anti-join`: rows that are there are no reason not to begin, for they are asked for. */
  readonly antiJoin: boolean;
}

export interface Resumed {
  readonly progress: Progress;
  /** The commit must be made before anything is written: the partition starts, or starts a new `since`. */
  readonly isNew: boolean;
}

/**
 * Decides where landing goes on. Every doubt stops: an offset that was lost, reset or left behind by
 * the log, a destination that is another one. Only `accept_offset` overrules, and only where it is
 * needed, so that one left in the configuration does nothing once it has been followed.
 */
export function resume(
  found: FoundPartition,
  { dest, accepted, antiJoin }: ResumeOptions,
): Resumed {
  const where = `${found.topic}[${found.partition}] of group ${found.group}`;
  const { committed, logStart, logEnd } = found;
  const inLog = (offset: bigint) => offset >= logStart && offset <= logEnd;
  const log = `the log holds ${logStart} to ${logEnd}`;

  const restart = (
    problem: string,
    { code, remedy, heldUpTo }: { code: string; remedy: string; heldUpTo?: number | undefined },
  ): Resumed => {
    if (accepted === undefined) {
      throw new PermanentError(`${where}: ${problem}`, {
        code,
        remedy: `${remedy} Or say where to go on: accept_offset=${found.topic}:${found.partition}:<offset>; rows below it count as not landed by this sink, rows from it on are landed again (with existing_rows=anti-join: those whose ids are not there).`,
      });
    }
    if (!inLog(accepted)) {
      throw new PermanentError(`${where}: accept_offset says ${accepted}, but ${log}`, {
        code: 'accept-offset-outside-log',
        remedy: `Give accept_offset an offset that the log holds.`,
      });
    }
    const begun = progress.initial(accepted, dest.fingerprint);
    // What others have left there stays theirs, wherever we go on.
    return {
      progress: heldUpTo === undefined ? begun : progress.beside(begun, heldUpTo),
      isNew: true,
    };
  };

  if (committed === null) {
    if (accepted === undefined && (antiJoin || !dest.holdsRows)) {
      return { progress: progress.initial(logStart, dest.fingerprint), isNew: true };
    }
    return restart(`the group has no offset, but ${dest.name} holds rows`, {
      code: 'offset-missing',
      remedy:
        'Offsets expire, or were deleted: find out from the rows what has landed. Where the rows are an earlier archiver’s, or which of them have landed is not known: existing_rows=anti-join lands those whose ids are not there.',
    });
  }

  if (committed.metadata === null || committed.metadata === '') {
    if (accepted !== undefined && accepted !== committed.offset) {
      throw new PermanentError(
        `${where}: was reset to ${committed.offset}, but accept_offset says ${accepted}`,
        { code: 'accept-offset-differs', remedy: 'Make the two agree.' },
      );
    }
    return restart(
      `the committed offset ${committed.offset} carries no metadata, so not this sink but somebody else committed it`,
      {
        code: 'offset-reset',
        remedy: 'If it was an operator on purpose, confirm it.',
      },
    );
  }

  const metadata = parseCommitMetadata(committed.metadata, where);
  if (metadata.dest !== dest.fingerprint) {
    throw new PermanentError(
      `${where}: landed in a ${dest.name} with the fingerprint ${metadata.dest}; this one has ${dest.fingerprint}`,
      {
        code: 'destination-changed',
        remedy:
          'Bring the old one back. Or, to fill the new one, stop every member, delete the group’s offsets (kafka-consumer-groups --delete-offsets) and start with an empty one.',
      },
    );
  }

  const last = metadata.pending.at(-1);
  if (committed.offset < logStart) {
    return restart(
      `committed ${committed.offset}, but ${log}: records were deleted before they landed`,
      {
        code: 'offset-below-log-start',
        remedy:
          'Check retention.ms and who deletes records; the missing rows must come from MySQL or another archive.',
        heldUpTo: metadata.heldUpTo,
      },
    );
  }
  if (committed.offset > logEnd || (last !== undefined && last >= logEnd)) {
    return restart(
      `committed ${committed.offset}${last === undefined ? '' : `, pending up to ${last}`}, but ${log}: the topic was truncated or created again`,
      {
        code: 'offset-above-log-end',
        remedy: 'Check whether the topic is the one that the group has landed from.',
        heldUpTo: metadata.heldUpTo,
      },
    );
  }
  if (last !== undefined && (metadata.pending[0] ?? last) < committed.offset) {
    throw new PermanentError(
      `${where}: committed ${committed.offset}, yet pending from ${metadata.pending[0]}`,
      { code: 'commit-metadata-unknown', remedy: 'Report this: no version of a sink commits it.' },
    );
  }
  return { progress: { committed: committed.offset, ...metadata }, isNew: false };
}
