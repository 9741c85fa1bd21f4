import type { BinlogPosition } from '@scoreline/ledger';

import { CompressionError, MAX_EVENT_BYTES } from './compression.ts';
import { ALLOWED, EVENT, IN_PAYLOAD, isRows } from './event-codes.ts';
import { CHECKSUM_BYTES, eventType, HEADER_BYTES } from './event-layout.ts';
import * as layout from './event-layout.ts';
import { GroupEvents } from './group-events.ts';
import { located, ReaderError } from './reader-error.ts';
import type { EventParser, Progress, ReaderEvents, ReaderOptions } from './reader-interface.ts';
import { ReaderPlace } from './reader-place.ts';
import type { RowCollector } from './row-collector.ts';
import type { TableMaps } from './table-maps.ts';
import { TransactionPayload } from './transaction-payload.ts';

const STEP_BYTES = 512 * 1024;

/**
 * Reads events, one after the other, into rows and progress. They are read where they are, without an
 * object for each: those of the binlog here, up to the resume point and behind it, and those within a
 * compressed transaction; what they mean is for `GroupEvents` to say.
 */
export class BinlogReader {
  readonly #options: ReaderOptions;
  readonly #maps: TableMaps;
  readonly #place = new ReaderPlace();
  readonly #groups: GroupEvents;
  #resuming = true;
  /** As they were where the reading began. */
  readonly #columnsBefore: readonly string[];

  constructor(
    options: ReaderOptions,
    parts: {
      readonly maps: TableMaps;
      readonly collector: RowCollector;
      readonly events: ReaderEvents;
      readonly parser: EventParser;
    },
  ) {
    this.#options = options;
    this.#maps = parts.maps;
    this.#columnsBefore = parts.maps.optionalColumns;
    this.#groups = new GroupEvents(options, { ...parts, place: this.#place });
  }

  /** Rows and groups with rows, since the start; rows that were rolled back later included. */
  get rowsRead(): number {
    return this.#groups.rows.read;
  }

  get groupsRead(): number {
    return this.#groups.read;
  }

  /** Whether the resume point has not come yet. */
  get resuming(): boolean {
    return this.#resuming;
  }

  /** Whether the event that was read last holds more: go on with `readOn`, not with another. */
  get isWithin(): boolean {
    return this.#place.payload !== null;
  }

  get position(): BinlogPosition {
    return this.#place.cursor.position;
  }

  /** Whether every group before a position has been read to its end. */
  hasPassed(position: BinlogPosition): boolean {
    return this.#place.hasPassed(position);
  }

  /** When the last group of any table ended, milliseconds since the epoch. */
  get eventTimeMs(): number {
    return this.#groups.commitTimeMs;
  }

  progress(): Progress {
    const { safePosition, safeEvent } = this.#place;
    const { isOverlapping, gtids, commitTimeMs, openGroup } = this.#groups;
    // Behind a position there may be captured groups as long as some are to come.
    const place = isOverlapping
      ? {
          position: this.#options.resume.position,
          event: null,
          optionalColumns: this.#columnsBefore,
        }
      : {
          position: safePosition,
          event: safeEvent,
          optionalColumns: this.#maps.optionalColumns,
        };
    return { ...place, gtidSet: gtids.toString(), commitTimeMs, openGroup };
  }

  /**
   * The event at `event[at..end]`, its checksum verified.
   *
   * @throws PermanentError that says where.
   */
  read(event: Buffer, at: number, end: number, type: number): void {
    try {
      this.#read(event, at, end, type);
    } catch (error) {
      throw located(error, this.#place.nameOf(type), this.#place.cursor);
    }
  }

  /**
   * Reads on within the event that was read last.
   *
   * @throws PermanentError that says where.
   */
  readOn(): void {
    try {
      this.#readWithin();
    } catch (error) {
      const name = this.#place.nameOf(EVENT.TRANSACTION_PAYLOAD);
      throw located(error, name, this.#place.cursor);
    }
  }

  #read(event: Buffer, at: number, end: number, type: number): void {
    if (type === EVENT.FORMAT_DESCRIPTION) layout.requireChecksums(event, end);
    const isInFile = this.#place.cursor.step(event, at, end - at, type);
    if (isInFile && this.#resuming) this.#resume(event, at, type);
    else if (isInFile) {
      if (ALLOWED[type] !== 1) throw ReaderError.refused(type);
      const stop = end - CHECKSUM_BYTES;
      if (type === EVENT.TRANSACTION_PAYLOAD) this.#beginPayload(event, at + HEADER_BYTES, stop);
      else this.#groups.handle(event, at, stop, type);
      if (this.#groups.between) {
        this.#place.moveSafe();
        this.#groups.reached();
      }
    }
    if (type === EVENT.ROTATE) this.#rotate(event, at, end);
  }

  #beginPayload(event: Buffer, body: number, stop: number): void {
    this.#place.payload = new TransactionPayload(event, body, stop);
    this.#readWithin();
  }

  #readWithin(): void {
    const payload = this.#place.payload!;
    const until = payload.end + (this.#options.stepBytes ?? STEP_BYTES);
    while (payload.end < until) {
      if (!payload.next()) return this.#endPayload();
      const { event, at, stop, whole } = payload;
      const type = eventType(event, at);
      if (ALLOWED[type] !== 1) throw ReaderError.refused(type);
      if (IN_PAYLOAD[type] !== 1 || this.#groups.between) throw ReaderError.misplaced();
      if (whole) this.#groups.handle(event, at, stop, type);
      else this.#passOver(event, at, type);
    }
  }

  #endPayload(): void {
    this.#place.payload = null;
    this.#groups.requireBetween('a compressed transaction');
  }

  /** An event that is too large to be held, and is nothing to us. */
  #passOver(event: Buffer, at: number, type: number): void {
    const isOther = isRows(type) && this.#groups.role(event, at + HEADER_BYTES) === 'other';
    if (isOther || type === EVENT.ROWS_QUERY) return;
    throw CompressionError.tooLarge('an event', layout.eventSize(event, at), MAX_EVENT_BYTES);
  }

  /** Before the resume point nothing counts but where events are and which GTIDs they have, whatever they are. */
  #resume(event: Buffer, at: number, type: number): void {
    const { gtids } = this.#groups;
    gtids.track(event, at, type);
    gtids.fold();
    if (this.#options.resume.passes(this.#place.cursor.proof)) this.#resumed();
  }

  #resumed(): void {
    this.#resuming = false;
    this.#place.moveSafe();
    this.#groups.resumed();
  }

  #rotate(event: Buffer, at: number, end: number): void {
    const { file, offset } = layout.rotation(event, at, end);
    this.#place.cursor.jump(file, offset);
    const { position, event: remembered } = this.#options.resume;
    const isThere = position.file === file && position.offset === offset;
    if (this.#resuming && remembered === null && isThere) this.#resumed();
  }
}
