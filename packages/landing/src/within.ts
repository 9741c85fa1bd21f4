import { setTimeout as delay } from 'node:timers/promises';

/** Whether `what` came within the time. Rejects when the signal is aborted. */
export async function within(
  ms: number,
  what: Promise<unknown>,
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted();
  const over = new AbortController();
  const abort = () => over.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([what.then(() => true), delay(ms, false, { signal: over.signal })]);
  } finally {
    signal.removeEventListener('abort', abort);
    over.abort();
  }
}
