import { PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

import type { ResumePoint } from './resume-point.ts';

/** ER_MASTER_FATAL_ERROR_READING_BINLOG, ER_SOURCE_HAS_PURGED_REQUIRED_GTIDS. */
const READING_BINLOG = new Set([1236, 1789]);
/** ER_SLAVE_SAME_ID, of MariaDB; MySQL says it with the first of those. */
const SAME_ID = 4052;
export const POSITION_GONE = 'position-gone';
const ACCESS_DENIED = new Set([1044, 1045, 1227, 1130]);

/** How far a stream was when its server ended it. */
export interface DumpState {
  readonly resume: ResumePoint;
  /** The resume point has not been found yet. */
  readonly resuming: boolean;
  /** Asked where the server cannot read: whether it could not read on at this very place before. */
  readonly isKnown: () => boolean;
}

/**
 * What an error of the binlog connection means. While the resume point has not been found, a server
 * that cannot read there is another than the one that had it. Afterwards it may have become another: the
 * start of the next session tells.
 */
export function dumpError(error: unknown, state: DumpState): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const { errno = 0, message = String(error) } = (error ?? {}) as {
    errno?: number;
    message?: string;
  };
  if (errno === SAME_ID || isSameId(errno, message)) return serverIdTaken(message, error);
  if (READING_BINLOG.has(errno)) return readingError(message, state, error);
  if (ACCESS_DENIED.has(errno)) {
    return new PermanentError(`the server refuses the binlog: ${message}`, {
      code: 'source-access-denied',
      remedy: 'Grant REPLICATION SLAVE to the user of database_dsn.',
      cause: error,
    });
  }
  return new RetryableError(`the binlog connection was lost: ${message}`, {
    code: 'source-connection',
    cause: error,
  });
}

function isSameId(errno: number, message: string): boolean {
  return READING_BINLOG.has(errno) && /same server_(?:id|uuid)/i.test(message);
}

/** To connect again would throw out the other one, which would throw us out in turn, for ever. */
function serverIdTaken(message: string, cause: unknown): PermanentError {
  return new PermanentError(`another replica has our server_id: ${message}`, {
    code: 'server-id-taken',
    remedy:
      'Give each capture and each replica a server_id of its own, or leave replica_server_id unset.',
    cause,
  });
}

function readingError(
  message: string,
  { resume, resuming, isKnown }: DumpState,
  cause: unknown,
): ScorelineError {
  if (/purged|could not find first log/i.test(message)) return positionGone(resume, message, cause);
  if (resuming) return resume.rewound(`"${message}"`, cause);
  const said = `the server cannot read its binlog: ${message}`;
  const details = {
    code: 'binlog-unreadable',
    remedy: "Look into the server's own log, and check the binlog file with mysqlbinlog.",
    cause,
  };
  return isKnown() ? new PermanentError(said, details) : new RetryableError(said, details);
}

/** The next session finds that out by itself, and reads what the binlog no longer has from the table. */
export function positionGone(resume: ResumePoint, seen: string, cause?: unknown): RetryableError {
  const { file, offset } = resume.position;
  return new RetryableError(
    `the binlog was purged past the checkpoint: it is at ${file}:${offset}, and ${seen}`,
    {
      code: POSITION_GONE,
      remedy: 'Keep binlogs for longer (binlog_expire_logs_seconds).',
      cause,
    },
  );
}
