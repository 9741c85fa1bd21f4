import {
  type BinlogPosition,
  type EventProof,
  fileNumber,
  type OpenGroup,
} from '@scoreline/ledger';
import { type Block, readRowsHeader } from '@scoreline/schema';

import { BinlogCursor } from './binlog-cursor.ts';
import { CompressionError, MAX_EVENT_BYTES } from './compression.ts';
import { ALLOWED, EVENT, eventName, IN_PAYLOAD, isRows, plainRows } from './event-codes.ts';
import {
  CHECKSUM_BYTES,
  commitTimeMs,
  eventTimeMs,
  eventType,
  HEADER_BYTES,
} from './event-layout.ts';
import * as layout from './event-layout.ts';
import { type GroupKind, GroupRules } from './group-rules.ts';
import { type GtidTracker, gtidTracker } from './gtid-tracker.ts';
import { inflateBody } from './inflate-body.ts';
import type { Overlap } from './overlap.ts';
import { located, ReaderError } from './reader-error.ts';
import type { ResumePoint } from './resume-point.ts';
import type { RowCollector } from './row-collector.ts';
import { readStatement, type Statement, type TableName } from './statement.ts';
import type { CapturedTable, ParseTableMap, TableMaps } from './table-maps.ts';
import { TransactionPayload } from './transaction-payload.ts';

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

const STEP_BYTES = 512 * 1024;
const NOWHERE: BinlogPosition = { file: '', offset: 0 };

/**
 * Reads events, one after the other, into rows and progress. They are read where they are, without an
 * object for each.
 */
export class BinlogReader {
  readonly #cursor = new BinlogCursor();
  readonly #options: ReaderOptions;
  readonly #maps: TableMaps;
  readonly #collector: RowCollector;
  readonly #events: ReaderEvents;
  readonly #parser: EventParser;
  /** Of what is captured here, and of groups that are passed over. */
  readonly #rules: GroupRules;
  readonly #passed = new GroupRules();
  /** One of the two: those of the group at hand. */
  #group: GroupRules;
  #overlap: Overlap | null;
  #isResumed = false;
  readonly #gtids: GtidTracker;
  /** Rows and groups with rows, since the start; rows that were rolled back later included. */
  rowsRead = 0;
  groupsRead = 0;
  #resuming = true;
  #seeded: boolean;
  /** From the group's GTID event, where that holds it; 0 otherwise. */
  #groupTimeMs = 0;
  #commitTimeMs: number;
  /** End of the last event behind which no group is open. */
  readonly #safe = { file: '', start: 0, end: 0, crc32: 0 };
  /** As they were where the reading began. */
  readonly #columnsBefore: readonly string[];
  /** The compressed transaction whose events are being read. */
  #payload: TransactionPayload | null = null;

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
    this.#collector = parts.collector;
    this.#events = parts.events;
    this.#parser = parts.parser;
    this.#rules = this.#group = new GroupRules(options.openGroup);
    this.#overlap = options.overlap?.isOver === false ? options.overlap : null;
    this.#gtids = gtidTracker(options.flavour, options.gtidSet);
    this.#seeded = options.gtidSet !== '';
    this.#commitTimeMs = options.commitTimeMs;
  }

  /** Whether the resume point has not come yet. */
  get resuming(): boolean {
    return this.#resuming;
  }

  /** Whether the event that was read last holds more: go on with `readOn`, not with another. */
  get isWithin(): boolean {
    return this.#payload !== null;
  }

  get position(): BinlogPosition {
    return this.#cursor.position;
  }

  /** Whether every group before a position has been read to its end. */
  hasPassed({ file, offset }: BinlogPosition): boolean {
    const { file: ours, end } = this.#safe;
    if (ours === file || ours === '') return ours !== '' && end >= offset;
    return fileNumber(ours) > fileNumber(file);
  }

  /** When the last group of any table ended, milliseconds since the epoch. */
  get eventTimeMs(): number {
    return this.#commitTimeMs;
  }

  progress(): Progress {
    const { file, start, end, crc32 } = this.#safe;
    // Behind a position there may be captured groups as long as some are to come.
    const place =
      this.#overlap === null
        ? {
            position: { file, offset: end },
            event: start === end ? null : { file, start, end, crc32 },
            optionalColumns: this.#maps.optionalColumns,
          }
        : {
            position: this.#options.resume.position,
            event: null,
            optionalColumns: this.#columnsBefore,
          };
    return {
      ...place,
      gtidSet: this.#gtids.toString(),
      commitTimeMs: this.#commitTimeMs,
      openGroup: this.#rules.openGroup,
    };
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
      throw located(error, this.#nameOf(type), this.#cursor);
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
      throw located(error, this.#nameOf(EVENT.TRANSACTION_PAYLOAD), this.#cursor);
    }
  }

  #nameOf(type: number): string {
    const payload = this.#payload;
    if (payload === null || payload.stop === 0) return eventName(type);
    return `${eventName(eventType(payload.event, payload.at))} in ${eventName(type)}`;
  }

  #read(event: Buffer, at: number, end: number, type: number): void {
    if (type === EVENT.FORMAT_DESCRIPTION) layout.requireChecksums(event, end);
    const isInFile = this.#cursor.step(event, at, end - at, type);
    if (isInFile && this.#resuming) this.#resume(event, at, type);
    else if (isInFile) {
      if (ALLOWED[type] !== 1) throw ReaderError.refused(type);
      this.#handle(event, at, end - CHECKSUM_BYTES, type);
      if (this.#group.between) {
        this.#moveSafe();
        this.#overlap?.reached(this.#cursor.position);
      }
    }
    if (type === EVENT.ROTATE) this.#rotate(event, at, end);
  }

  /** A compressed transaction is one event: what is in it stands at no position of its own. */
  #beginPayload(event: Buffer, body: number, stop: number): void {
    this.#payload = new TransactionPayload(event, body, stop);
    this.#readWithin();
  }

  #readWithin(): void {
    const payload = this.#payload!;
    const until = payload.end + (this.#options.stepBytes ?? STEP_BYTES);
    while (payload.end < until) {
      if (!payload.next()) return this.#endPayload();
      const { event, at, stop, whole } = payload;
      const type = eventType(event, at);
      if (ALLOWED[type] !== 1) throw ReaderError.refused(type);
      if (IN_PAYLOAD[type] !== 1 || this.#group.between) throw ReaderError.misplaced();
      if (whole) this.#handle(event, at, stop, type);
      else this.#passOver(event, at, type);
    }
  }

  #endPayload(): void {
    this.#payload = null;
    this.#group.requireBetween('a compressed transaction');
  }

  /** An event that is too large to be held, and is nothing to us. */
  #passOver(event: Buffer, at: number, type: number): void {
    const isOther = isRows(type) && this.#role(event, at + HEADER_BYTES) === 'other';
    if (isOther || type === EVENT.ROWS_QUERY) return;
    throw CompressionError.tooLarge('an event', layout.eventSize(event, at), MAX_EVENT_BYTES);
  }

  /** Where the event at hand ends; within a compressed transaction counted on from its start, decompressed. */
  #place(): BinlogPosition {
    const { file, start } = this.#cursor;
    const payload = this.#payload;
    return payload === null ? this.#cursor.position : { file, offset: start + payload.end };
  }

  /** Before the resume point nothing counts but where events are and which GTIDs they have, whatever they are. */
  #resume(event: Buffer, at: number, type: number): void {
    this.#trackGtid(event, at, type);
    this.#gtids.fold();
    if (this.#options.resume.passes(this.#cursor.proof)) this.#resumed();
  }

  #resumed(): void {
    this.#resuming = false;
    this.#moveSafe();
    if (this.#overlap === null) this.#tellResumed();
  }

  #tellResumed(): void {
    if (this.#isResumed) return;
    this.#isResumed = true;
    this.#events.resumed();
  }

  #rotate(event: Buffer, at: number, end: number): void {
    const { file, offset } = layout.rotation(event, at, end);
    this.#cursor.jump(file, offset);
    const { position, event: remembered } = this.#options.resume;
    const isThere = position.file === file && position.offset === offset;
    if (this.#resuming && remembered === null && isThere) this.#resumed();
  }

  /** An event whose content ends at `stop`, before its checksum. */
  #handle(event: Buffer, at: number, stop: number, type: number): void {
    const body = at + HEADER_BYTES;
    switch (type) {
      case EVENT.WRITE_ROWS_V1:
      case EVENT.WRITE_ROWS:
      case EVENT.WRITE_ROWS_COMPRESSED_V1:
      case EVENT.WRITE_ROWS_COMPRESSED:
        return this.#writeRows(event, at, stop, type);
      case EVENT.TABLE_MAP:
        if (this.#isPassing) return;
        return this.#maps.learn(event, body, stop, this.#tableMapParser(event, at, stop));
      case EVENT.TRANSACTION_PAYLOAD:
        return this.#beginPayload(event, body, stop);
      case EVENT.XID:
        return this.#commit(event, at);
      case EVENT.MARIADB_GTID:
        this.#groupTimeMs = 0;
        return this.#begin(event, at, type, layout.mariadbKind(event, body));
      case EVENT.GTID:
      case EVENT.GTID_TAGGED:
      case EVENT.ANONYMOUS_GTID:
        this.#groupTimeMs = type === EVENT.GTID_TAGGED ? 0 : commitTimeMs(event, body, stop);
        return this.#begin(event, at, type, 'undecided');
      case EVENT.QUERY:
      case EVENT.QUERY_COMPRESSED:
        return this.#query(event, at, stop, type);
      case EVENT.UPDATE_ROWS_V1:
      case EVENT.UPDATE_ROWS:
      case EVENT.UPDATE_ROWS_COMPRESSED_V1:
      case EVENT.UPDATE_ROWS_COMPRESSED:
        if (this.#role(event, body) !== 'other') this.#events.updated('UPDATE');
        return;
      case EVENT.DELETE_ROWS_V1:
      case EVENT.DELETE_ROWS:
      case EVENT.DELETE_ROWS_COMPRESSED_V1:
      case EVENT.DELETE_ROWS_COMPRESSED:
        if (this.#role(event, body) !== 'other') this.#events.deleted();
        return;
      case EVENT.XA_PREPARE:
        this.#group.xaPrepare();
        return this.#dropped();
      case EVENT.FORMAT_DESCRIPTION:
        // The server crashed while it wrote the group, and rolled it back when it came up again.
        if (!this.#group.between && layout.isServerStart(event, body)) {
          this.#group.drop('the start of the server');
          // It comes again.
          if (this.#isPassing) this.#group = this.#rules;
          else this.#dropped();
        }
        return;
      case EVENT.PREVIOUS_GTIDS:
      case EVENT.MARIADB_GTID_LIST:
        this.#trackGtid(event, at, type);
        // A file begins. Where nothing is written, the checkpoint would stay in one that will be purged.
        return this.#events.advanced();
      default:
    }
  }

  /** A group that was captured from another server is read to its end, and what it holds is left alone. */
  get #isPassing(): boolean {
    return this.#group === this.#passed;
  }

  #begin(event: Buffer, at: number, type: number, kind: GroupKind): void {
    const start = this.#cursor.startPosition;
    if (this.#overlap !== null && this.#group.between) {
      if (this.#overlap.has(this.#gtid(event, at, type))) {
        this.#group = this.#passed;
        return this.#passed.begin(kind, start);
      }
      this.#tellResumed();
    }
    this.#group.begin(kind, start);
    this.#trackGtid(event, at, type);
  }

  /** The group at hand was passed over to its end. */
  #endPassing(): void {
    this.#group = this.#rules;
    this.#overlap!.passed();
    if (!this.#overlap!.isOver) return;
    this.#overlap = null;
    this.#tellResumed();
  }

  #tableMapParser(event: Buffer, at: number, stop: number): ParseTableMap {
    const parser = this.#parser;
    return this.#payload === null ? parser.tableMap : parser.tableMapWithin(event, at, stop);
  }

  #writeRows(event: Buffer, at: number, stop: number, type: number): void {
    const body = at + HEADER_BYTES;
    const role = this.#role(event, body);
    if (role === 'other') return;
    const plain = plainRows(type);
    const header = readRowsHeader(event, body, plain);
    if (header.columns !== role.columns || !header.allPresent) throw ReaderError.partialImage();
    const collector = this.#collector;
    const block = collector.block();
    const { rows, byteLength } = block;
    const from = header.rowsStart;
    if (plain === type) encodeRows(role, event, from, stop, block);
    else {
      const images = inflateBody(event, from, stop);
      encodeRows(role, images, 0, images.length, block);
    }
    const added = block.rows - rows;
    this.rowsRead += added;
    const where = this.#rules.replaying ? this.#place() : NOWHERE;
    if (!this.#rules.rows(added, where)) {
      block.truncate(rows);
      return;
    }
    collector.added(added, block.byteLength - byteLength);
    if (collector.groupBytes >= this.#options.maxGroupBytes) {
      this.#rules.part(this.#place());
      collector.end(eventTimeMs(event, at));
      this.#events.advanced();
    }
  }

  #role(event: Buffer, body: number) {
    if (this.#isPassing) return 'other';
    const tableId = event.readUInt32LE(body) + event.readUInt16LE(body + 4) * 0x1_0000_0000;
    const role = this.#maps.role(tableId);
    if (role === undefined) throw ReaderError.unknownTable(tableId);
    return role;
  }

  #query(event: Buffer, at: number, stop: number, type: number): void {
    const { sqlAt, schema } = layout.query(event, at);
    if (layout.isText(event, sqlAt, stop, 'BEGIN')) {
      return this.#group.beginQuery(this.#cursor.startPosition);
    }
    if (layout.isText(event, sqlAt, stop, 'COMMIT')) return this.#commit(event, at);
    const sql =
      type === EVENT.QUERY_COMPRESSED
        ? inflateBody(event, sqlAt, stop).toString()
        : event.toString('utf8', sqlAt, stop);
    return this.#statement(event, at, readStatement(sql, schema, this.#options.table));
  }

  #statement(event: Buffer, at: number, statement: Statement): void {
    const start = this.#cursor.startPosition;
    switch (statement.kind) {
      case 'begin':
        return this.#group.beginQuery(start);
      case 'commit':
        return this.#commit(event, at);
      case 'rollback':
        this.#group.drop('ROLLBACK');
        return this.#dropped();
      case 'savepoint':
        return this.#group.savepoint(statement.name);
      case 'rollback-to':
        return this.#collector.cut(this.#group.rollbackTo(statement.name));
      case 'release':
        return this.#group.releaseSavepoint(statement.name);
      case 'xa-start':
        return this.#group.beginXa(start);
      case 'xa-outcome':
        this.#group.xaOutcome(start);
        return this.#dropped();
      case 'write':
        if (statement.suspect && !this.#isPassing) throw ReaderError.statementFormat();
        break;
      case 'erase':
        if (!this.#isPassing) this.#events.updated(statement.what);
        break;
      case 'other':
        break;
      default:
        return statement satisfies never;
    }
    if (this.#group.statement(start)) this.#ended(eventTimeMs(event, at));
  }

  #commit(event: Buffer, at: number): void {
    this.#group.commit();
    this.#ended(this.#groupTimeMs || eventTimeMs(event, at));
  }

  #ended(timeMs: number): void {
    this.#payload?.requireEnd();
    if (!this.#isPassing) this.#commitTimeMs = timeMs;
    if (this.#collector.groupRows > 0) {
      this.groupsRead++;
      this.#collector.end(timeMs);
    }
    this.#groupOver();
  }

  #dropped(): void {
    this.#payload?.requireEnd();
    this.#collector.cut(0);
    this.#groupOver();
  }

  #groupOver(): void {
    this.#gtids.fold();
    this.#maps.forget();
    this.#moveSafe();
    if (this.#isPassing) this.#endPassing();
    this.#events.advanced();
  }

  #moveSafe(): void {
    const { file, start, end, crc32 } = this.#cursor;
    const safe = this.#safe;
    safe.file = file;
    safe.start = start;
    safe.end = end;
    safe.crc32 = crc32;
  }

  /** Undefined where the group has none. */
  #gtid(event: Buffer, at: number, type: number): string | undefined {
    if (type === EVENT.ANONYMOUS_GTID) return undefined;
    if (type === EVENT.MARIADB_GTID) return layout.mariadbGtid(event, at);
    if (type === EVENT.GTID) return layout.mysqlGtid(event, at);
    const gtid = this.#parser.gtid();
    if (gtid === undefined) throw ReaderError.taggedGtid();
    return gtid;
  }

  #trackGtid(event: Buffer, at: number, type: number): void {
    if (type === EVENT.MARIADB_GTID || type === EVENT.GTID) {
      this.#seeded = true;
      this.#gtids.announce(event, at + HEADER_BYTES, layout.serverId(event, at));
    } else if (type === EVENT.GTID_TAGGED) {
      this.#gtids.announceText(this.#gtid(event, at, type)!);
    } else if (type === EVENT.PREVIOUS_GTIDS || type === EVENT.MARIADB_GTID_LIST) {
      if (this.#seeded) return;
      const gtids = this.#parser.gtidsBefore();
      if (gtids === undefined) return;
      this.#seeded = true;
      this.#gtids.seed(gtids);
    }
  }
}

function encodeRows(
  { encoder }: CapturedTable,
  images: Buffer,
  from: number,
  stop: number,
  block: Block,
): void {
  for (let row = from; row < stop;) row = encoder.encode(images, row, stop, block);
}
