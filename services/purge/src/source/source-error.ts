import { isTransient } from '@scoreline/database';
import { RetryableError, ScorelineError } from '@scoreline/service';

const READ_ONLY = new Set(['ER_OPTION_PREVENTS_STATEMENT', 'ER_READ_ONLY_MODE']);

/** What an error of the source asks for; one that does not pass by itself stays as the driver tells it. */
export function sourceError(error: unknown): unknown {
  if (error instanceof ScorelineError) return error;
  const { code = '', message } = (error ?? {}) as { code?: string; message?: string };
  if (READ_ONLY.has(code)) {
    return new RetryableError(`the source takes no writes: ${message}`, {
      code: 'source-read-only',
      remedy: 'After a failover, name the new primary in the DSN.',
      cause: error,
    });
  }
  if (!isTransient(error)) return error;
  return new RetryableError(`the source did not answer: ${message}`, {
    code: 'source-connection',
    cause: error,
  });
}
