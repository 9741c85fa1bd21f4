import type { BinlogPosition, EventProof, OpenGroup } from '@scoreline/ledger';

import type { Overlap } from './overlap.ts';
import type { ResumePoint } from './resume-point.ts';
import type { TableName } from './statement.ts';
import type { ParseTableMap } from './table-maps.ts';

/** How far the binlog has been read, at a place where capture may go on. */
export interface Progress {
  readonly position: BinlogPosition;
  readonly event: EventProof | null;
  readonly gtidSet: string;
  readonly commitTimeMs: number;
  readonly openGroup: OpenGroup | null;
  readonly optionalColumns: readonly string[];
}

/** What the reader tells of what it reads. Each may throw, which stops the stream at that event. */
export interface ReaderEvents {
  /**
   * The source is the one that was captured: the event before the resume point is as it must be, or
   * the groups of the overlap came. Told once, before any row.
   */
  resumed(): void;
  /** Rows may have become publishable, or the position has moved. */
  advanced(): void;
  /** Rows of the captured table were changed or removed otherwise than by DELETE. */
  updated(what: string): void;
  deleted(): void;
}

/** Asks zongji to parse the event at hand, where the layout is long and the event rare. */
export interface EventParser {
  readonly tableMap: ParseTableMap;
  /** The same, for a table map that came within the event at hand, and has no checksum. */
  tableMapWithin(event: Buffer, at: number, stop: number): ParseTableMap;
  /** What PREVIOUS_GTIDS or GTID_LIST says; undefined where the dump did not begin at the file's start. */
  gtidsBefore(): string | undefined;
  gtid(): string | undefined;
}

export interface ReaderOptions {
  readonly flavour: 'mariadb' | 'mysql';
  readonly table: TableName;
  readonly resume: ResumePoint;
  readonly gtidSet: string;
  readonly commitTimeMs: number;
  readonly openGroup: OpenGroup | null;
  readonly overlap: Overlap | null;
  readonly maxGroupBytes: number;
  /** Decompressed bytes of a transaction that are read in one go. */
  readonly stepBytes?: number;
}
