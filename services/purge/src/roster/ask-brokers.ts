import { kafkaErrorType } from '@scoreline/kafka';
import { PermanentError, RetryableError, ScorelineError } from '@scoreline/service';

/**
 * What brokers answer with an error, or not at all, in words.
 *
 * @param what that completes "... cannot be read": `the groups of sink x`.
 * @throws PermanentError `topic-missing`, `kafka-refuses`, RetryableError `brokers-unread`
 */
export async function askBrokers<T>(
  what: string,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ScorelineError || cause instanceof TypeError) throw cause;
    const type = kafkaErrorType(cause) ?? '';
    const message = `${what} cannot be read: ${type || (cause as Error).message}`;
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
      throw new PermanentError(message, {
        code: 'topic-missing',
        remedy:
          'A topic that the ledger has rows of is not there. Restore it; one that nobody needs any more is retired first (capture --retire-topic).',
        cause,
      });
    }
    if (type.endsWith('_AUTHORIZATION_FAILED')) {
      throw new PermanentError(message, {
        code: 'kafka-refuses',
        remedy: 'Grant what docs/3-prerequisites.md names for the purge.',
        cause,
      });
    }
    throw new RetryableError(message, {
      code: 'brokers-unread',
      remedy: 'Check kafka_brokers, and that they are up; then ask again.',
      cause,
    });
  }
}
