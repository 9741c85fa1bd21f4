import { type BinlogPosition, type EventProof, fileNumber } from '@scoreline/ledger';

import { BinlogCursor } from './binlog-cursor.ts';
import { eventName } from './event-codes.ts';
import { eventType } from './event-layout.ts';
import type { TransactionPayload } from './transaction-payload.ts';

/**
 * Where the event at hand stands, and where reading could begin again. A compressed transaction is one
 * event of the binlog: what is in it stands at no position of its own.
 */
export class ReaderPlace {
  readonly cursor = new BinlogCursor();
  /** The compressed transaction whose events are being read. */
  payload: TransactionPayload | null = null;
  /** End of the last event behind which no group is open. */
  readonly #safe = { file: '', start: 0, end: 0, crc32: 0 };

  get start(): BinlogPosition {
    return this.cursor.startPosition;
  }

  /** Within a compressed transaction counted on from its start, decompressed. */
  get end(): BinlogPosition {
    const { file, start, position } = this.cursor;
    return this.payload === null ? position : { file, offset: start + this.payload.end };
  }

  get safePosition(): BinlogPosition {
    return { file: this.#safe.file, offset: this.#safe.end };
  }

  /** Null where nothing of the file has been read yet. */
  get safeEvent(): EventProof | null {
    return this.#safe.start === this.#safe.end ? null : { ...this.#safe };
  }

  /** No group is open behind the event at hand. */
  moveSafe(): void {
    const { file, start, end, crc32 } = this.cursor;
    const safe = this.#safe;
    safe.file = file;
    safe.start = start;
    safe.end = end;
    safe.crc32 = crc32;
  }

  /** Whether every group before a position has been read to its end. */
  hasPassed({ file, offset }: BinlogPosition): boolean {
    const { file: ours, end } = this.#safe;
    if (ours === file || ours === '') return ours !== '' && end >= offset;
    return fileNumber(ours) > fileNumber(file);
  }

  /** What an event of the binlog is called, and the one within it that is at hand. */
  nameOf(type: number): string {
    const { payload } = this;
    if (payload === null || payload.stop === 0) return eventName(type);
    return `${eventName(eventType(payload.event, payload.at))} in ${eventName(type)}`;
  }
}
