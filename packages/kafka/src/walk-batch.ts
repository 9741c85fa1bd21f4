import { PermanentError } from '@scoreline/service';
import type { RawRecordBatch } from 'kafkajs';

import { type BatchOrigin, type RecordCursor, verifyBatch } from './walk.ts';

/**
 * Checks a record batch and shows its records, one after the other.
 *
 * @throws PermanentError `batch-corrupt`, and what `visit` throws.
 */
export function walkBatch(
  raw: RawRecordBatch,
  origin: BatchOrigin,
  cursor: RecordCursor,
  visit: (offset: number) => void,
): void {
  verifyBatch(raw, origin);
  cursor.open(raw);
  const first = Number(raw.firstOffset);
  while (step(raw, origin, cursor)) visit(first + cursor.offsetDelta);
}

function step(
  raw: RawRecordBatch,
  { topic, partition }: BatchOrigin,
  cursor: RecordCursor,
): boolean {
  try {
    return cursor.next();
  } catch (cause) {
    throw new PermanentError(
      `the record batch at ${topic}[${partition}] offsets ${raw.firstOffset} to ${raw.offset} is malformed: ${(cause as Error).message}`,
      {
        code: 'batch-corrupt',
        remedy: 'Find out who wrote it: only capture may produce into this topic.',
        cause,
      },
    );
  }
}
