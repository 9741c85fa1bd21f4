import type { BinlogFile, Problem, ServerFacts } from '@scoreline/database';
import { type BinlogPosition, fileNumber } from '@scoreline/ledger';

import { bytesFrom } from './binlog-growth.ts';

/** For how long the server keeps a binlog file after its last event; Infinity when for ever. */
export function retentionSeconds(variables: ReadonlyMap<string, string>): number {
  // MySQL keeps everything without it; MariaDB has no such variable.
  if (/^(?:off|0)$/i.test(variables.get('binlog_expire_logs_auto_purge') ?? 'ON')) return Infinity;
  // On MariaDB expire_logs_days is another name for the same setting.
  return Number(variables.get('binlog_expire_logs_seconds') ?? 0) || Infinity;
}

/** A limit to the size of all binlog files together, which MariaDB can have. */
export interface SizeLimit {
  readonly maxBytes: number;
  /** All that there are, oldest first. */
  readonly files: readonly BinlogFile[];
}

export interface RunwayFacts {
  readonly retentionSeconds: number;
  /** Where a restart would begin to read. */
  readonly position: BinlogPosition;
  /** When the group before it was committed; 0 when that is not known. */
  readonly commitTimeMs: number;
  /** Where the server's binlog ends. */
  readonly newest: BinlogPosition;
  /** On the server's clock. */
  readonly nowMs: number;
  readonly size?: SizeLimit | null;
  /** How fast the binlog grows; null when that is not known. */
  readonly bytesPerSecond?: number | null;
}

/**
 * Seconds until the file that a restart would begin with can be purged, at the earliest; null when nothing
 * is known of its age. Servers do not tell how old their files are. But a file's age counts from its last
 * event, which is not older than the group before our position; and the file at hand is not purged at all.
 */
export function runwaySeconds(facts: RunwayFacts): number | null {
  const byAge = ageRunway(facts);
  const bySize = sizeRunway(facts);
  return byAge === null || bySize === null ? (byAge ?? bySize) : Math.min(byAge, bySize);
}

/** An estimate: until what is written behind it pushes our file out. Null when there is no telling. */
function sizeRunway({ size, bytesPerSecond, position }: RunwayFacts): number | null {
  if (!size) return null;
  const room = size.maxBytes - bytesFrom(size.files, position.file);
  if (room <= 0) return 0;
  return bytesPerSecond ? room / bytesPerSecond : null;
}

function ageRunway(facts: RunwayFacts): number | null {
  const { retentionSeconds: kept, position, newest, commitTimeMs, nowMs } = facts;
  if (kept === Infinity || fileNumber(position.file) >= fileNumber(newest.file)) return kept;
  if (commitTimeMs === 0) return null;
  const ageSeconds = Math.max(0, (nowMs - commitTimeMs) / 1000);
  return Math.max(0, kept - ageSeconds);
}

/** A server that forgets its binlogs so soon leaves a gap behind every longer outage of capture. */
export function runwayProblems(server: ServerFacts, minRunwayMs: number): Problem[] {
  const kept = retentionSeconds(server.variables);
  const wanted = Math.ceil(minRunwayMs / 1000);
  if (kept >= wanted) return [];
  const name = 'binlog_expire_logs_seconds';
  const value = Math.max(wanted, 604_800);
  const set =
    server.flavor === 'mysql'
      ? `SET PERSIST ${name} = ${value};`
      : `SET GLOBAL ${name} = ${value}; -- also under [mysqld]: ${name} = ${value}`;
  return [
    {
      severity: 'error',
      subject: name,
      message: `${name} is ${kept}, and min_binlog_runway asks for ${wanted}: after an outage of capture for longer than that, rows would be gone`,
      remedy: `${set}\n-- or set min_binlog_runway to what such an outage may last at most`,
    },
  ];
}
