import type { RecordBatchMessage } from 'kafkajs';

import { crc32c } from './crc32c.ts';
import { varintLength, writeVarint } from './varint.ts';

/** Bytes before the first record of a v2 batch (KIP-98; DefaultRecordBatch.RECORD_BATCH_OVERHEAD). */
export const BATCH_HEADER_BYTES = 61;
/** Of topics by default, header included: 1,048,588. A batch must stay below, or the broker refuses it. */
export const DEFAULT_BATCH_BYTES = 1_000_000;

const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 0x10;
/** Attributes, offset delta, headers: what a record has at least beside its lengths. */
const RECORD_MARGIN_BYTES = 32;

/**
 * One partition's records, as the bytes that go to the broker: what one request may carry for one
 * partition. Records are appended in place; the header is filled in when the producer sends.
 *
 * Byte layout: https://kafka.apache.org/documentation/#recordbatch
 */
export class RecordBatch implements RecordBatchMessage {
  readonly value = null;
  readonly partition: number;
  /** Number of records. */
  length = 0;
  readonly #capacityBytes: number;
  #bytes: Buffer;
  #end = BATCH_HEADER_BYTES;
  #firstTimestampMs = 0;
  #maxTimestampMs = 0;

  constructor(partition: number, capacityBytes = DEFAULT_BATCH_BYTES) {
    this.partition = partition;
    this.#capacityBytes = capacityBytes;
    this.#bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  /** Bytes on the wire, header included. */
  get byteLength(): number {
    return this.#end;
  }

  /**
   * Appends a record whose value is `prefix` and then `source[from..to]`. False when it does not fit;
   * a record that is larger than an empty batch makes the batch grow, and it is the broker's to judge.
   */
  append(
    key: Uint8Array,
    prefix: Uint8Array,
    source: Uint8Array,
    from: number,
    to: number,
    timestampMs: number,
  ): boolean {
    const valueLength = prefix.length + to - from;
    const most = key.length + valueLength + RECORD_MARGIN_BYTES;
    if (this.#end + most > this.#capacityBytes) {
      if (this.length > 0) return false;
      if (this.#end + most > this.#bytes.length) {
        this.#bytes = Buffer.allocUnsafeSlow(this.#end + most);
      }
    }
    if (this.length === 0) this.#firstTimestampMs = this.#maxTimestampMs = timestampMs;
    else if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;

    const bytes = this.#bytes;
    const offsetDelta = this.length;
    const timestampDelta = timestampMs - this.#firstTimestampMs;
    const bodyLength =
      2 +
      varintLength(timestampDelta) +
      varintLength(offsetDelta) +
      varintLength(key.length) +
      key.length +
      varintLength(valueLength) +
      valueLength;
    let at = writeVarint(bytes, this.#end, bodyLength);
    bytes[at++] = 0; // attributes
    at = writeVarint(bytes, at, timestampDelta);
    at = writeVarint(bytes, at, offsetDelta);
    at = writeVarint(bytes, at, key.length);
    for (let i = 0; i < key.length; i++) bytes[at++] = key[i]!;
    at = writeVarint(bytes, at, valueLength);
    for (let i = 0; i < prefix.length; i++) bytes[at++] = prefix[i]!;
    // Records are about a hundred bytes, where a loop beats a call.
    for (let i = from; i < to; i++) bytes[at++] = source[i]!;
    bytes[at++] = 0; // no headers
    this.#end = at;
    this.length = offsetDelta + 1;
    return true;
  }

  /** Ready for other records; memory that one large record took is given back. */
  clear(): void {
    this.length = 0;
    this.#end = BATCH_HEADER_BYTES;
    if (this.#bytes.length > this.#capacityBytes) {
      this.#bytes = Buffer.allocUnsafeSlow(this.#capacityBytes);
    }
  }

  /**
   * The finished batch, a view of this object's memory. Called by the patched producer, once a send.
   *
   * @throws RangeError when it holds no record: a broker would refuse it, and the whole request.
   */
  recordBatch({
    producerId,
    producerEpoch,
    firstSequence,
    transactional,
  }: Parameters<RecordBatchMessage['recordBatch']>[0]): Buffer {
    if (this.length === 0) throw new RangeError('a record batch without records cannot be sent');
    const bytes = this.#bytes;
    const end = this.#end;
    bytes.fill(0, 0, 8); // base offset: the broker's
    bytes.writeInt32BE(end - 12, 8);
    bytes.writeInt32BE(-1, 12); // partition leader epoch: the broker's
    bytes[16] = 2; // magic
    bytes.writeInt16BE(transactional ? TRANSACTIONAL : 0, ATTRIBUTES_AT);
    bytes.writeInt32BE(this.length - 1, 23);
    bytes.writeBigInt64BE(BigInt(this.#firstTimestampMs), 27);
    bytes.writeBigInt64BE(BigInt(this.#maxTimestampMs), 35);
    bytes.writeBigInt64BE(BigInt(producerId.toString()), 43);
    bytes.writeInt16BE(producerEpoch, 51);
    bytes.writeInt32BE(firstSequence, 53);
    bytes.writeInt32BE(this.length, 57);
    bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, end), CRC_AT);
    return bytes.subarray(0, end);
  }
}
