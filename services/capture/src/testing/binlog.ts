import type { BinlogPosition } from '@scoreline/ledger';
import type { TableMapEntry } from '@scoreline/schema';

import { crc32Sliced } from '../crc32.ts';
import { EVENT } from '../event-codes.ts';
import { deflateBody, payloadBody, zstdFrame } from './compressed.ts';

export const FILE = 'binlog.000001';
export const TABLE = { database: 'ntp', table: 'log_scores' };

/** The captured table as zongji reads it, without its optional columns. */
export const TABLE_MAP: TableMapEntry = {
  columns: [
    { name: 'id', type: 8, charset: null },
    { name: 'monitor_id', type: 3, charset: null },
    { name: 'server_id', type: 3, charset: null },
    { name: 'ts', type: 18, charset: null, metadata: { decimals: 0 } },
    { name: 'score', type: 5, charset: null },
    { name: 'step', type: 5, charset: null },
    { name: 'offset', type: 5, charset: null },
  ],
  columnSchemas: Array.from({ length: 7 }, () => ({ UNSIGNED: true })),
};

export interface BuiltEvent {
  readonly bytes: Buffer;
  readonly type: number;
  readonly start: BinlogPosition;
  readonly end: BinlogPosition;
}

export interface EventOptions {
  readonly flags?: number;
  readonly timestamp?: number;
  /** What the header says of its end; the truth by default. */
  readonly next?: number;
}

export interface RowsOptions {
  readonly id?: number;
  readonly type?: number;
  /** Bitmap of the columns that the images hold. */
  readonly present?: number;
}

/** Writes events as a server does: one file, from its beginning, every one with its checksum. */
export class BinlogBuilder {
  readonly events: BuiltEvent[] = [];
  readonly flavour: 'mariadb' | 'mysql';
  /** As with log_bin_compress or binlog_transaction_compression: from the next group on. */
  compress: boolean;
  #offset = 4;
  #gtid = 0;
  /** The events of a compressed transaction, without checksums. */
  #inner: Buffer[] | null = null;

  constructor(flavour: 'mariadb' | 'mysql' = 'mariadb', compress = false) {
    this.flavour = flavour;
    this.compress = compress;
    this.event(EVENT.FORMAT_DESCRIPTION, formatDescription(1));
  }

  get end(): BinlogPosition {
    return { file: FILE, offset: this.#offset };
  }

  event(type: number, body: Buffer, options: EventOptions = {}): BuiltEvent {
    const size = 19 + body.length + 4;
    const start = this.end;
    if (this.#inner !== null) {
      const bytes = withoutChecksum(eventBytes(type, body, options));
      this.#inner.push(bytes);
      return { bytes, type, start, end: start };
    }
    this.#offset += size;
    const next = options.next ?? this.#offset;
    const bytes = eventBytes(type, body, { ...options, next });
    const built = { bytes, type, start, end: this.end };
    this.events.push(built);
    return built;
  }

  /** The beginning of a group that goes on to a commit. */
  begin(): void {
    this.gtid();
    if (this.flavour === 'mariadb') return;
    if (this.compress) this.#inner = [];
    this.query('BEGIN');
  }

  /** Puts what was written since `begin` into one event, where it is compressed. */
  #endGroup(last: BuiltEvent): BuiltEvent {
    if (this.#inner === null) return last;
    const content = Buffer.concat(this.#inner);
    this.#inner = null;
    const fields = { uncompressedBytes: content.length };
    return this.event(EVENT.TRANSACTION_PAYLOAD, payloadBody(zstdFrame(content, 1_000), fields));
  }

  gtid(standalone = false, flags = standalone ? 1 : 0): void {
    this.gtidOf(++this.#gtid, 0, flags);
  }

  /** A group with this number, as a replica writes those of its primary. */
  gtidOf(number: number, domain = 0, flags = 0): void {
    if (this.flavour === 'mariadb') {
      const body = Buffer.alloc(19);
      body.writeBigUInt64LE(BigInt(number), 0);
      body.writeUInt32LE(domain, 8);
      body[12] = flags;
      this.event(EVENT.MARIADB_GTID, body);
    } else {
      const body = Buffer.alloc(42);
      body.fill(0xab, 1, 17);
      body.writeBigUInt64LE(BigInt(number), 17);
      this.event(EVENT.GTID, body);
    }
  }

  query(sql: string, schema = TABLE.database): BuiltEvent {
    const head = Buffer.alloc(13);
    head[8] = Buffer.byteLength(schema);
    const isPacked = this.compress && this.flavour === 'mariadb';
    const text = isPacked ? deflateBody(Buffer.from(sql)) : Buffer.from(sql);
    const body = Buffer.concat([head, Buffer.from(`${schema}\0`), text]);
    const event = this.event(isPacked ? EVENT.QUERY_COMPRESSED : EVENT.QUERY, body);
    return sql === 'COMMIT' || sql === 'ROLLBACK' ? this.#endGroup(event) : event;
  }

  tableMap(id = 7, { database, table } = TABLE): BuiltEvent {
    const head = Buffer.alloc(8);
    head.writeUIntLE(id, 0, 6);
    const name = (text: string): Buffer =>
      Buffer.concat([Buffer.from([text.length]), Buffer.from(`${text}\0`)]);
    return this.event(EVENT.TABLE_MAP, Buffer.concat([head, name(database), name(table)]));
  }

  rows(ids: readonly number[], options: RowsOptions = {}): BuiltEvent {
    const { id = 7, type = EVENT.WRITE_ROWS_V1, present = 0x7f } = options;
    const head = Buffer.alloc(8);
    head.writeUIntLE(id, 0, 6);
    const isV2 = type >= EVENT.WRITE_ROWS;
    const isUpdate = type === EVENT.UPDATE_ROWS || type === EVENT.UPDATE_ROWS_V1;
    const bitmaps = Buffer.from(isUpdate ? [7, present, present] : [7, present]);
    const extra = isV2 ? Buffer.from([2, 0]) : Buffer.alloc(0);
    const images = ids.flatMap((row) =>
      isUpdate ? [rowImage(row), rowImage(row)] : [rowImage(row)],
    );
    const content = Buffer.concat(images);
    if (!this.compress || this.flavour === 'mysql') {
      return this.event(type, Buffer.concat([head, extra, bitmaps, content]));
    }
    const compressed = isV2
      ? type - EVENT.WRITE_ROWS + EVENT.WRITE_ROWS_COMPRESSED
      : type - EVENT.WRITE_ROWS_V1 + EVENT.WRITE_ROWS_COMPRESSED_V1;
    return this.event(compressed, Buffer.concat([head, extra, bitmaps, deflateBody(content)]));
  }

  /** A table map and rows. */
  insert(...ids: number[]): void {
    this.tableMap();
    this.rows(ids);
  }

  xid(timestamp = 1_760_000_000): BuiltEvent {
    return this.#endGroup(this.event(EVENT.XID, Buffer.alloc(8), { timestamp }));
  }

  restart(): void {
    this.event(EVENT.FORMAT_DESCRIPTION, formatDescription(1));
  }
}

export function eventBytes(type: number, body: Buffer, options: EventOptions = {}): Buffer {
  const bytes = Buffer.alloc(19 + body.length + 4);
  bytes.writeUInt32LE(options.timestamp ?? 1_760_000_000, 0);
  bytes[4] = type;
  bytes.writeUInt32LE(1, 5);
  bytes.writeUInt32LE(bytes.length, 9);
  bytes.writeUInt32LE((options.next ?? 0) % 0x1_0000_0000, 13);
  bytes.writeUInt16LE(options.flags ?? 0, 17);
  body.copy(bytes, 19);
  bytes.writeUInt32LE(crc32Sliced(bytes, 0, bytes.length - 4), bytes.length - 4);
  return bytes;
}

/** As events are within a compressed transaction. */
function withoutChecksum(event: Buffer): Buffer {
  const bytes = Buffer.from(event.subarray(0, event.length - 4));
  bytes.writeUInt32LE(bytes.length, 9);
  return bytes;
}

/** What a server sends first: where the dump begins. */
export function fakeRotate({ file, offset }: BinlogPosition): Buffer {
  const body = Buffer.alloc(8 + file.length);
  body.writeBigUInt64LE(BigInt(offset), 0);
  body.write(file, 8, 'latin1');
  return eventBytes(EVENT.ROTATE, body, { flags: 0x20, timestamp: 0 });
}

export function formatDescription(created: number): Buffer {
  const body = Buffer.alloc(57 + 40 + 1);
  body.writeUInt16LE(4, 0);
  body.writeUInt32LE(created, 52);
  body[56] = 19;
  body[body.length - 1] = 1;
  return body;
}

function rowImage(id: number): Buffer {
  const row = Buffer.alloc(1 + 8 + 4 + 4 + 5 + 8 * 3);
  row.writeBigUInt64LE(BigInt(id), 1);
  row.writeUInt32LE(5, 9);
  row.writeUInt32LE((id % 50) + 1, 13);
  // 2025-11-21 12:00:00
  const date = (2025 * 13 + 11) * 32 + 21 + 2 ** 22;
  row.writeUIntBE(date * 2 ** 17 + (12 << 12), 17, 5);
  row.writeDoubleLE(id / 7, 22);
  return row;
}
