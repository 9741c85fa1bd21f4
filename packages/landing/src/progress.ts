import type { CommitMetadata, Landed } from './commit-metadata.ts';
import type { RangeFacts } from './range.ts';

/** One partition as its group's commit describes it: the offset and everything beside it. */
export interface Progress extends CommitMetadata {
  /** Everything below has landed, or is nothing that could land. */
  readonly committed: bigint;
}

/**
 * The only ways in which a commit may change. Nothing reaches the destination before a commit says
 * that it may (`begin`), the offset moves over rows only when they are durable, oldest range first
 * (`land`), and over what is no row only when nothing else is open (`skipTail`). So whoever reads the
 * commit knows every range that can be there in part, with the exact offsets to make it again.
 *
 * A violation is a defect of ours: the process stops before it can do harm.
 */
export const progress = {
  /** A partition's first commit, before anything of it is written. */
  initial(offset: bigint, dest: string): Progress {
    return { committed: offset, since: offset, dest, pending: [], landed: null };
  },

  /** With a first commit: rows up to this id are at the destination, and not by this group's doing. */
  beside(now: Progress, heldUpTo: number): Progress {
    must(now.pending.length === 0 && now.landed === null, 'what others hold is asked late', now);
    return { ...now, heldUpTo };
  },

  /** To be committed before the first byte of the range is sent. The offset stays. */
  begin(now: Progress, range: Pick<RangeFacts, 'first' | 'last'>): Progress {
    const before = now.pending.at(-1) ?? now.committed - 1n;
    must(range.first > before && range.last >= range.first, 'a range begins inside another', now);
    return { ...now, pending: [...now.pending, range.last] };
  },

  /** To be committed once the oldest pending range is durable. */
  land(now: Progress, range: RangeFacts, at: number): Progress {
    const [oldest, ...rest] = now.pending;
    must(oldest === range.last, 'a range lands out of order', now);
    must(range.first >= now.committed, 'a range lands twice', now);
    return { ...now, committed: range.last + 1n, pending: rest, landed: landedOf(range, at) };
  },

  /** To be committed before a part of a pending range is written, up to `at`: the record after that cannot land. */
  split(now: Progress, range: Pick<RangeFacts, 'first' | 'last'>, at: bigint): Progress {
    must(now.pending.includes(range.last), 'a range is split that is not pending', now);
    must(at >= range.first && at < range.last, 'a range is split outside of itself', now);
    const pending = now.pending.flatMap((last) => (last === range.last ? [at, last] : [last]));
    return { ...now, pending };
  },

  /** To be committed once the record is durable in quarantine and everything before it has landed. */
  quarantine(now: Progress, offset: bigint): Progress {
    const [oldest, ...rest] = now.pending;
    must(offset >= now.committed, 'a record is put aside twice', now);
    must(oldest === undefined || offset <= oldest, 'a record is put aside out of order', now);
    const { count, first } = now.quarantined ?? { count: 0, first: offset };
    return {
      ...now,
      committed: offset + 1n,
      pending: oldest === offset ? rest : now.pending,
      quarantined: { count: count + 1, first, last: offset },
    };
  },

  /** An operator has dealt with everything that was put aside. */
  release({ quarantined: _released, ...now }: Progress): Progress {
    return now;
  },

  /** To be committed when everything below `position` was looked at and what is left are markers and aborted records. */
  skipTail(now: Progress, position: bigint): Progress {
    must(now.pending.length === 0, 'a tail is skipped while ranges are pending', now);
    must(position > now.committed, 'a tail goes backwards', now);
    return { ...now, committed: position };
  },
};

function landedOf(range: RangeFacts, at: number): Landed {
  const { first, last, rows, minId, maxId, minTs, maxTs, crc } = range;
  return { first, last, rows, minId, maxId, minTs, maxTs, crc, at };
}

function must(holds: boolean, what: string, now: Progress): void {
  if (holds) return;
  throw new Error(`${what}: committed ${now.committed}, pending ${now.pending.join(', ')}`);
}
