import type { RangeName } from './range-identity.ts';
import type { Range } from './range.ts';

/** What records are put into until their range ends: memory, or a file with the newest of them in memory. */
export interface RangeFiller {
  readonly rows: number;
  /** Bytes of the datums. */
  readonly byteLength: number;
  /** Of them, those in memory. */
  readonly memoryBytes: number;
  /** What of it takes room in the spool. */
  readonly spooledBytes: number;
  /** Of the record batches in it, the oldest's first timestamp. */
  oldestMs: number;
  /** Nothing may be appended before `spill`, or into another filler. */
  readonly isFull: boolean;
  append(source: DataView, from: number, to: number, id: number, timestampUs: number): void;
  /** Makes room by writing to the spool. False: that has no space, and nothing has changed. */
  spill(): Promise<boolean>;
  /** The range, over this filler's memory and file: valid until `clear`. */
  finish(name: RangeName): Range | Promise<Range>;
  /** Ready for the next range; what was in the spool is gone. */
  clear(): void | Promise<void>;
}
