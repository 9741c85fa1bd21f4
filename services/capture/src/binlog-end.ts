import { type BinlogPosition, comparePositions } from '@scoreline/ledger';
import { RetryableError } from '@scoreline/service';

/**
 * A binlog does not end before what was captured of it, unless it was begun anew under the stream, which may
 * be quiet for long then (RESET MASTER in the first file). The start of the next session says what it is.
 *
 * @param captured from before the source was asked for the end.
 * @throws RetryableError `binlog-shorter`
 */
export function requireReached(end: BinlogPosition, captured: BinlogPosition): void {
  if (comparePositions(end, captured) >= 0) return;
  throw new RetryableError(
    `the binlog was captured up to ${captured.file}:${captured.offset}, and ends at ${end.file}:${end.offset}`,
    { code: 'binlog-shorter' },
  );
}
