import { PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

/**
 * What an error of a session asks for. Connections come and go, and what was under way is made good by the
 * next session; but a mistake of our own would come back for ever.
 */
export function purgeError(cause: unknown): ScorelineError {
  if (cause instanceof ScorelineError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof TypeError || cause instanceof RangeError) {
    return new PermanentError(`the purge failed in itself: ${message}`, {
      code: 'internal',
      remedy: 'Report this, with the log. Starting again loses nothing.',
      cause,
    });
  }
  return new RetryableError(message, { code: 'session', cause });
}
