import { PermanentError } from '@scoreline/service';
import type { RawRecordBatch } from 'kafkajs';

import { crc32c } from './crc32c.ts';

/** Where fetched records came from, for errors. */
export interface BatchOrigin {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Checks the batch's CRC32C over the bytes as received, which kafkajs does not.
 *
 * @throws PermanentError `batch-corrupt`.
 */
export function verifyBatch(raw: RawRecordBatch, { topic, partition }: BatchOrigin): void {
  const actual = crc32c(raw.crcBytes);
  if (actual === raw.crc) return;
  throw new PermanentError(
    `the record batch at ${topic}[${partition}] offsets ${raw.firstOffset} to ${raw.offset} has CRC32C ${hex(actual)}, its header says ${hex(raw.crc)}`,
    {
      code: 'batch-corrupt',
      remedy:
        "Check the broker's disk and network; nothing from this offset on was landed. Another replica may hold the batch intact: move the partition's leader there and start again.",
    },
  );
}

/**
 * Steps through the records of a raw batch without an object per record. Positions are those in
 * `bytes`; a length of -1 is null. Every length is held against the bytes that are there.
 */
export class RecordCursor {
  bytes: Buffer = EMPTY;
  /** Offset of the record = the batch's first offset + this. */
  offsetDelta = 0;
  /** Milliseconds since the epoch. */
  timestampMs = 0;
  keyStart = 0;
  keyLength = 0;
  valueStart = 0;
  valueLength = 0;
  #at = 0;
  #left = 0;
  #baseTimestampMs = 0;
  #isLogAppendTime = false;

  /** A batch may be without records: compaction leaves the last one of each producer as a header. */
  open(raw: Pick<RawRecordBatch, 'bytes' | 'count' | 'timestamp' | 'attributes'>): void {
    this.bytes = raw.bytes;
    this.#at = 0;
    this.#left = raw.count;
    this.#baseTimestampMs = Number(raw.timestamp);
    this.#isLogAppendTime = (raw.attributes & LOG_APPEND_TIME) !== 0;
  }

  /** @throws RangeError when the bytes are not what the batch's header promises. */
  next(): boolean {
    if (this.#left === 0) {
      if (this.#at !== this.bytes.length) throw new RangeError('bytes after the last record');
      return false;
    }
    this.#left--;
    const length = this.#varint();
    const end = this.#at + length;
    if (length <= 0 || end > this.bytes.length) throw new RangeError('a record beyond its batch');
    this.#at++; // attributes
    const timestampDelta = this.#varint();
    // The broker's time stands in the header alone; the deltas are still the producer's.
    this.timestampMs = this.#baseTimestampMs + (this.#isLogAppendTime ? 0 : timestampDelta);
    this.offsetDelta = this.#varint();
    this.keyLength = this.#varint();
    this.keyStart = this.#at;
    if (this.keyLength > 0) this.#at += this.keyLength;
    this.valueLength = this.#varint();
    this.valueStart = this.#at;
    if (this.valueLength > 0) this.#at += this.valueLength;
    if (this.keyLength < -1 || this.valueLength < -1 || this.#at > end) {
      throw new RangeError('a key or value beyond its record');
    }
    this.#at = end; // headers
    return true;
  }

  #varint(): number {
    const { bytes } = this;
    const first = bytes[this.#at++];
    if (first === undefined) throw new RangeError('the batch ends within a record');
    if (first < 128) return (first >>> 1) ^ -(first & 1);
    let value = first & 127;
    for (let scale = 128; ; scale *= 128) {
      const byte = bytes[this.#at++];
      if (byte === undefined) throw new RangeError('the batch ends within a record');
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number beyond 2^53');
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }
}

const EMPTY = Buffer.alloc(0);
/** Bit 3 of a batch's attributes. */
const LOG_APPEND_TIME = 0x08;

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
