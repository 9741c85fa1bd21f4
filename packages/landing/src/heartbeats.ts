import { kafkaErrorType } from '@scoreline/kafka';

export interface Beating {
  readonly beat: () => Promise<void>;
  readonly everyMs: number;
  /** The membership is past. */
  readonly lost: (error: unknown) => void;
}

/** What makes kafkajs join again when a handler throws it. */
const JOIN_AGAIN = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/**
 * Waits for `work`, and tells the coordinator meanwhile that this member is alive: a destination may
 * take minutes, and a member that is not heard of for `session_timeout` loses its partitions. Once
 * the coordinator answers that the group goes on without it, `lost` is called and the wait ends with
 * that error, so that kafkajs joins again in time. Other errors of a heartbeat may pass by the next.
 */
export async function whileBeating<T>(
  work: Promise<T>,
  { beat, everyMs, lost }: Beating,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const beating = new Promise<never>((_resolve, reject) => {
    const beatOnce = async () => {
      try {
        await beat();
      } catch (error) {
        if (JOIN_AGAIN.has(kafkaErrorType(error) ?? '')) {
          lost(error);
          reject(error);
          return;
        }
      }
      if (!over) timer = setTimeout(() => void beatOnce(), everyMs);
    };
    timer = setTimeout(() => void beatOnce(), everyMs);
  });
  try {
    return await Promise.race([work, beating]);
  } finally {
    over = true;
    clearTimeout(timer);
  }
}
