import type { BinlogPosition, EventProof } from '@scoreline/ledger';

import { EVENT } from './event-codes.ts';

const ARTIFICIAL = 0x20;
const NEXT_AT = 13;
const FLAGS_AT = 17;

/** Events that a server sends again at the start of a dump from the middle of a file, with position 0. */
const REPEATED: ReadonlySet<number> = new Set([
  EVENT.ROTATE,
  EVENT.FORMAT_DESCRIPTION,
  EVENT.PREVIOUS_GTIDS,
  EVENT.MARIADB_GTID_LIST,
  EVENT.START_ENCRYPTION,
]);

/** An event cannot end where its header says that it does. */
export class CursorError extends Error {}

const WRAP = 0x1_0000_0000;

/**
 * Where in the binlog the event at hand is. Headers say where it ends, in 32 bits, which is made whole by
 * counting. Inside of transactions MariaDB says nothing since 11.4, and leaves out events that nobody
 * asked for (ANNOTATE_ROWS): there the place is counted from the events that come, the same each time.
 */
export class BinlogCursor {
  #file = '';
  #start = 0;
  #end = 0;
  #crc32 = 0;

  get file(): string {
    return this.#file;
  }

  /** Of the event at hand. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get crc32(): number {
    return this.#crc32;
  }

  get position(): BinlogPosition {
    return { file: this.#file, offset: this.#end };
  }

  get startPosition(): BinlogPosition {
    return { file: this.#file, offset: this.#start };
  }

  get proof(): EventProof {
    return { file: this.#file, start: this.#start, end: this.#end, crc32: this.#crc32 };
  }

  /** The stream goes on at this place. */
  jump(file: string, offset: number): void {
    this.#file = file;
    this.#start = this.#end = offset;
  }

  /**
   * Steps over the event at `at`. False for one that is not in the file: made by the server for this
   * connection only.
   *
   * @throws CursorError
   */
  step(event: Buffer, at: number, size: number, type: number): boolean {
    const next = event.readUInt32LE(at + NEXT_AT);
    if (type === EVENT.HEARTBEAT || type === EVENT.HEARTBEAT_V2) return false;
    if ((event.readUInt16LE(at + FLAGS_AT) & ARTIFICIAL) !== 0) return false;
    if (next === 0 && REPEATED.has(type)) return false;
    const least = this.#end + size;
    this.#end = next === 0 ? least : whole(next, least);
    this.#start = this.#end - size;
    this.#crc32 = event.readUInt32LE(at + size - 4);
    return true;
  }
}

/**
 * The position whose lower 32 bits are `next`, not below `least`.
 *
 * @throws CursorError when that is further than any event reaches.
 */
function whole(next: number, least: number): number {
  const position = Math.floor(least / WRAP) * WRAP + next;
  const reached = position < least ? position + WRAP : position;
  if (reached - least >= WRAP / 2) {
    throw new CursorError(`the event ends at ${next}, and could not end before ${least}`);
  }
  return reached;
}
