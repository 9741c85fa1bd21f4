import type { BinlogPosition } from '@scoreline/ledger';

import type { GroupKind } from './group-rules.ts';

/**
 * Where things stand in the events that are read here. Sources:
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication_binlog_event.html
 * https://mariadb.com/kb/en/replication-protocol/
 */
export const HEADER_BYTES = 19;
export const CHECKSUM_BYTES = 4;

const TYPE_AT = 4;
const SERVER_ID_AT = 5;
const SIZE_AT = 9;

export function eventType(event: Buffer, at: number): number {
  return event[at + TYPE_AT]!;
}

export function serverId(event: Buffer, at: number): number {
  return event.readUInt32LE(at + SERVER_ID_AT);
}

/** Whole event, header and checksum included. */
export function eventSize(event: Buffer, at: number): number {
  return event.readUInt32LE(at + SIZE_AT);
}

/** An event that came without a checksum, with room for one. */
export function withChecksum(event: Buffer, at: number, stop: number): Buffer {
  const whole = Buffer.alloc(stop - at + CHECKSUM_BYTES);
  event.copy(whole, 0, at, stop);
  whole.writeUInt32LE(whole.length, SIZE_AT);
  return whole;
}

/** When the statement that made the event was begun. */
export function eventTimeMs(event: Buffer, at: number): number {
  return event.readUInt32LE(at) * 1000;
}

const CRC32_ALGORITHM = 1;

export class LayoutError extends Error {}

/** @throws LayoutError for a file whose events carry no checksums. */
export function requireChecksums(event: Buffer, end: number): void {
  const algorithm = event[end - CHECKSUM_BYTES - 1];
  if (algorithm !== CRC32_ALGORITHM) {
    throw new LayoutError(`the events of this file carry no CRC32 (algorithm ${algorithm})`);
  }
}

/** Whether a format description was written as the server came up, and not at a rotation. */
export function isServerStart(event: Buffer, body: number): boolean {
  return event.readUInt32LE(body + 52) !== 0;
}

/** Where a Rotate event says that the stream goes on. */
export function rotation(event: Buffer, at: number, end: number): BinlogPosition {
  const body = at + HEADER_BYTES;
  return {
    file: event.toString('latin1', body + 8, end - CHECKSUM_BYTES),
    offset: Number(event.readBigUInt64LE(body)),
  };
}

/** `domain-server-number`, of a MARIADB_GTID event. */
export function mariadbGtid(event: Buffer, at: number): string {
  const body = at + HEADER_BYTES;
  return `${event.readUInt32LE(body + 8)}-${serverId(event, at)}-${event.readBigUInt64LE(body)}`;
}

const UUID = /(.{8})(.{4})(.{4})(.{4})(.{12})/;

/** `uuid:number`, of a GTID event. */
export function mysqlGtid(event: Buffer, at: number): string {
  const uuidAt = at + HEADER_BYTES + 1;
  const uuid = event.toString('hex', uuidAt, uuidAt + 16).replace(UUID, '$1-$2-$3-$4-$5');
  return `${uuid}:${event.readBigUInt64LE(uuidAt + 16)}`;
}

const STANDALONE = 0x01;
const PREPARED_XA = 0x40;

/** What MariaDB's GTID event says of its group: XA START is in it, and in no event of its own. */
export function mariadbKind(event: Buffer, body: number): GroupKind {
  const flags = event[body + 12]!;
  if ((flags & PREPARED_XA) !== 0) return 'xa';
  return (flags & STANDALONE) === 0 ? 'transaction' : 'single';
}

/** Flags, uuid, number, and the type and two numbers of the logical clock are before it. */
const COMMIT_TIME_AT = 42;
const ORIGINAL_FOLLOWS = 0x80;

/** MySQL's immediate_commit_timestamp, which has microseconds; 0 where the event holds none. */
export function commitTimeMs(event: Buffer, body: number, stop: number): number {
  const at = body + COMMIT_TIME_AT;
  if (at + 7 > stop) return 0;
  const high = event.readUIntLE(at + 4, 3) & ~(ORIGINAL_FOLLOWS << 16);
  const us = high * 0x1_0000_0000 + event.readUInt32LE(at);
  return Math.floor(us / 1000);
}

/** Where a Query event's text begins, and the default database it ran in. */
export function query(event: Buffer, at: number): { sqlAt: number; schema: string } {
  const body = at + HEADER_BYTES;
  const schemaLength = event[body + 8]!;
  const schemaAt = body + 13 + event.readUInt16LE(body + 11);
  return {
    sqlAt: schemaAt + schemaLength + 1,
    schema: event.toString('utf8', schemaAt, schemaAt + schemaLength),
  };
}

/** Whether `event[at..stop]` is this ASCII text. */
export function isText(event: Buffer, at: number, stop: number, text: string): boolean {
  if (stop - at !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (event[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
