import { ScorelineError } from '@scoreline/service';

/**
 * Whether an error may be gone when everything begins anew: ours say so themselves; of kafkajs's,
 * those that it would retry itself, and those that say it has given up retrying. What nobody expected
 * is a defect, and stops.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof ScorelineError) return error.action === 'retry';
  for (let one = error, depth = 0; one instanceof Error && depth < 10; one = one.cause, depth++) {
    const { retriable } = one as Error & { retriable?: unknown };
    if (retriable === true) return true;
    if (PASSING.has(one.name)) return true;
  }
  return false;
}

const PASSING = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
]);
