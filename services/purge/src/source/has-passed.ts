import { hasGtids, isSameSource } from '@scoreline/database';
import { type BinlogPosition, type Checkpoint, comparePositions } from '@scoreline/ledger';

import type { SourcePosition } from '../purge/ports.ts';

/** What a checkpoint says of its place. */
export type Captured = Pick<Checkpoint, 'source' | 'position' | 'gtidSet' | 'event'>;

/**
 * Whether capture has seen everything that the source had written at `at`. Positions compare on one server,
 * GTIDs between two. `other-source`: they tell nothing, and waiting does not help; after a failover another
 * `at` may. It is never true in doubt.
 */
export function hasPassed(checkpoint: Captured, at: SourcePosition): boolean | 'other-source' {
  if (isComparable(checkpoint, at)) return comparePositions(checkpoint.position, at.position) >= 0;
  if (checkpoint.source.flavour !== at.source.flavour) return 'other-source';
  return hasGtids(at.source.flavour, checkpoint.gtidSet, at.gtidSet) ?? 'other-source';
}

/**
 * Whether the source's binlog ends before a checkpoint that was read earlier than `at`: it was reset or
 * restored since, and no position of it tells anything about what was captured.
 */
export function isRewound(earlier: Captured, at: SourcePosition): boolean {
  return isComparable(earlier, at) && comparePositions(earlier.position, at.position) > 0;
}

function isComparable({ source, position, gtidSet, event }: Captured, at: SourcePosition): boolean {
  // After a failover the GTID set tells where capture is, and the position does not, until there is an event.
  const counts = event !== null || gtidSet === '';
  return counts && isSameSource(source, at.source) && seriesOf(position) === seriesOf(at.position);
}

/** A server whose `log_bin` was renamed counts its files from 1 again. */
function seriesOf({ file }: BinlogPosition): string {
  return file.replace(/\.\d+$/, '');
}
