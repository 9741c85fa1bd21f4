import type { OpenGroup } from '@scoreline/ledger';

import { EVENT } from './event-codes.ts';
import { EventGtids } from './event-gtids.ts';
import { commitTimeMs, eventTimeMs, HEADER_BYTES } from './event-layout.ts';
import * as layout from './event-layout.ts';
import { type GroupKind, GroupRules } from './group-rules.ts';
import { followStatement } from './group-statement.ts';
import type { Overlap } from './overlap.ts';
import { readQuery } from './query-event.ts';
import { ReaderError } from './reader-error.ts';
import type { EventParser, ReaderEvents, ReaderOptions } from './reader-interface.ts';
import type { ReaderPlace } from './reader-place.ts';
import type { RowCollector } from './row-collector.ts';
import { RowEvents } from './row-events.ts';
import type { Statement } from './statement.ts';
import type { ParseTableMap, TableMaps, TableRole } from './table-maps.ts';

export interface GroupEventsParts {
  readonly place: ReaderPlace;
  readonly maps: TableMaps;
  readonly collector: RowCollector;
  readonly events: ReaderEvents;
  readonly parser: EventParser;
}

/**
 * What events mean for the group that they are part of: where it begins and ends, which rows it has,
 * and what of it is taken back. A group that was captured from another server is read to its end, and
 * what it holds is left alone.
 */
export class GroupEvents {
  readonly rows: RowEvents;
  readonly gtids: EventGtids;
  readonly #table: ReaderOptions['table'];
  readonly #parts: GroupEventsParts;
  /** Of what is captured here, and of groups that are passed over. */
  readonly #rules: GroupRules;
  readonly #passed = new GroupRules();
  /** One of the two: those of the group at hand. */
  #group: GroupRules;
  #overlap: Overlap | null;
  #isResumed = false;
  /** Groups with rows, since the start. */
  #read = 0;
  /** From the group's GTID event, where that holds it; 0 otherwise. */
  #groupTimeMs = 0;
  #commitTimeMs: number;

  constructor(options: ReaderOptions, parts: GroupEventsParts) {
    const { flavour, table, gtidSet, openGroup, overlap, maxGroupBytes } = options;
    this.#table = table;
    this.#parts = parts;
    this.#rules = this.#group = new GroupRules(openGroup);
    this.#overlap = overlap?.isOver === false ? overlap : null;
    this.#commitTimeMs = options.commitTimeMs;
    this.gtids = new EventGtids(flavour, gtidSet, parts.parser);
    const parted = (): void => parts.events.advanced();
    this.rows = new RowEvents({ ...parts, rules: this.#rules, maxGroupBytes, parted });
  }

  /** Whether no group is open. */
  get between(): boolean {
    return this.#group.between;
  }

  /** Whether groups that were captured from another server are still to come. */
  get isOverlapping(): boolean {
    return this.#overlap !== null;
  }

  get read(): number {
    return this.#read;
  }

  get openGroup(): OpenGroup | null {
    return this.#rules.openGroup;
  }

  /** When the last group of any table ended. */
  get commitTimeMs(): number {
    return this.#commitTimeMs;
  }

  /** The resume point has come: what follows is new, but for groups of the overlap. */
  resumed(): void {
    if (this.#overlap === null) this.#tellResumed();
  }

  /** So far has the binlog been read, to the end of a group. */
  reached(): void {
    this.#overlap?.reached(this.#parts.place.cursor.position);
  }

  /** A compressed transaction has been read to its end. */
  requireBetween(what: string): void {
    this.#group.requireBetween(what);
  }

  /** Whose rows those of an event are. */
  role(event: Buffer, body: number): TableRole {
    return this.#isPassing ? 'other' : this.rows.role(event, body);
  }

  /** An event whose content ends at `stop`, before its checksum. */
  handle(event: Buffer, at: number, stop: number, type: number): void {
    const { maps, events } = this.#parts;
    const body = at + HEADER_BYTES;
    switch (type) {
      case EVENT.WRITE_ROWS_V1:
      case EVENT.WRITE_ROWS:
      case EVENT.WRITE_ROWS_COMPRESSED_V1:
      case EVENT.WRITE_ROWS_COMPRESSED:
        if (this.#isPassing) return;
        return this.rows.write(event, at, stop, type);
      case EVENT.TABLE_MAP:
        if (this.#isPassing) return;
        return maps.learn(event, body, stop, this.#tableMapParser(event, at, stop));
      case EVENT.XID:
        this.#group.commit();
        return this.#committed(event, at);
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
        return this.#statement(event, at, readQuery(event, at, stop, type, this.#table));
      case EVENT.UPDATE_ROWS_V1:
      case EVENT.UPDATE_ROWS:
      case EVENT.UPDATE_ROWS_COMPRESSED_V1:
      case EVENT.UPDATE_ROWS_COMPRESSED:
        if (this.role(event, body) !== 'other') events.updated('UPDATE');
        return;
      case EVENT.DELETE_ROWS_V1:
      case EVENT.DELETE_ROWS:
      case EVENT.DELETE_ROWS_COMPRESSED_V1:
      case EVENT.DELETE_ROWS_COMPRESSED:
        if (this.role(event, body) !== 'other') events.deleted();
        return;
      case EVENT.XA_PREPARE:
        this.#group.xaPrepare();
        return this.#dropped();
      case EVENT.FORMAT_DESCRIPTION:
        if (layout.isServerStart(event, body)) this.#serverStarted();
        return;
      case EVENT.PREVIOUS_GTIDS:
      case EVENT.MARIADB_GTID_LIST:
        this.gtids.track(event, at, type);
        // A file begins. Where nothing is written, the checkpoint would stay in one that will be purged.
        return events.advanced();
      default:
    }
  }

  get #isPassing(): boolean {
    return this.#group === this.#passed;
  }

  #begin(event: Buffer, at: number, type: number, kind: GroupKind): void {
    const { start } = this.#parts.place;
    if (this.#overlap !== null && this.#group.between) {
      if (this.#overlap.has(this.gtids.of(event, at, type))) {
        this.#group = this.#passed;
        return this.#passed.begin(kind, start);
      }
      this.#tellResumed();
    }
    this.#group.begin(kind, start);
    this.gtids.track(event, at, type);
  }

  #tellResumed(): void {
    if (this.#isResumed) return;
    this.#isResumed = true;
    this.#parts.events.resumed();
  }

  /** The server crashed while it wrote the group, and rolled it back when it came up again. */
  #serverStarted(): void {
    if (this.#group.between) return;
    this.#group.drop('the start of the server');
    // It comes again.
    if (this.#isPassing) this.#group = this.#rules;
    else this.#dropped();
  }

  #tableMapParser(event: Buffer, at: number, stop: number): ParseTableMap {
    const { parser, place } = this.#parts;
    return place.payload === null ? parser.tableMap : parser.tableMapWithin(event, at, stop);
  }

  #statement(event: Buffer, at: number, statement: Statement): void {
    const { place, collector, events } = this.#parts;
    if (!this.#isPassing) {
      if (statement.kind === 'write' && statement.suspect) throw ReaderError.statementFormat();
      if (statement.kind === 'erase') events.updated(statement.what);
    }
    const outcome = followStatement(statement, this.#group, place.start, collector);
    if (outcome === 'committed') this.#committed(event, at);
    else if (outcome === 'single') this.#ended(eventTimeMs(event, at));
    else if (outcome === 'dropped') this.#dropped();
  }

  #committed(event: Buffer, at: number): void {
    this.#ended(this.#groupTimeMs || eventTimeMs(event, at));
  }

  #ended(timeMs: number): void {
    const { place, collector } = this.#parts;
    place.payload?.requireEnd();
    if (!this.#isPassing) this.#commitTimeMs = timeMs;
    if (collector.groupRows > 0) {
      this.#read++;
      collector.end(timeMs);
    }
    this.#groupOver();
  }

  #dropped(): void {
    this.#parts.place.payload?.requireEnd();
    this.#parts.collector.cut(0);
    this.#groupOver();
  }

  #groupOver(): void {
    const { maps, place, events } = this.#parts;
    this.gtids.fold();
    maps.forget();
    place.moveSafe();
    if (this.#isPassing) this.#endPassing();
    events.advanced();
  }

  /** The group at hand was passed over to its end. */
  #endPassing(): void {
    this.#group = this.#rules;
    this.#overlap!.passed();
    if (!this.#overlap!.isOver) return;
    this.#overlap = null;
    this.#tellResumed();
  }
}
