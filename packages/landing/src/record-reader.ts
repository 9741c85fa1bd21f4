import { RecordCursor, verifyBatch } from '@scoreline/kafka';
import { DatumWalker, type TopicVersion, WIRE_HEADER_BYTES } from '@scoreline/schema';
import { PoisonError, ScorelineError } from '@scoreline/service';
import type { RawRecordBatch } from 'kafkajs';

import { viewOf } from './range-builder.ts';
import { CLOSE, type RangeCut, SKIP } from './range-cut.ts';
import type { RangeFiller } from './range-filler.ts';

/**
 * Reads fetched record batches record by record, checking everything on the way: the batch's CRC32C
 * (kafkajs does not), the framing, the wire header, and each datum against the schema. What is wrong
 * stops here, before anything of it is sent or committed.
 */
export class RecordReader {
  readonly #topic: string;
  readonly #partition: number;
  readonly #cursor = new RecordCursor();
  readonly #datum: DatumWalker;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #firstOffset = 0;
  #timestampMs = 0;
  /** The record under the cursor has not been dealt with: it begins the next range. */
  #held = false;

  constructor(topic: string, partition: number, version: TopicVersion) {
    this.#datum = new DatumWalker(version);
    this.#topic = topic;
    this.#partition = partition;
  }

  /** @throws PermanentError `batch-corrupt`. */
  open(raw: RawRecordBatch): void {
    verifyBatch(raw, { topic: this.#topic, partition: this.#partition });
    this.#cursor.open(raw);
    this.#view = viewOf(raw.bytes);
    this.#firstOffset = Number(raw.firstOffset);
    this.#timestampMs = Number(raw.timestamp);
    this.#held = false;
  }

  /**
   * Moves records into the range until that ends or is full, or the batch ends. True when the batch has.
   *
   * @throws PoisonError `record-malformed`, naming topic, partition and offset. The range then ends
   * before that record, and reading can go on behind it, unless the error has no offset: then the
   * batch itself cannot be read any further.
   */
  readInto(cut: RangeCut, filler: RangeFiller): boolean {
    const cursor = this.#cursor;
    const datum = this.#datum;
    const view = this.#view;
    const { bytes } = cursor;
    const before = filler.rows;
    let offset = this.#firstOffset;
    let hasEnded = false;
    let taken = false;
    try {
      while (!filler.isFull) {
        if (!this.#held && !cursor.next()) {
          hasEnded = true;
          break;
        }
        this.#held = false;
        offset = this.#firstOffset + cursor.offsetDelta;
        const from = cursor.valueStart + WIRE_HEADER_BYTES;
        const to = cursor.valueStart + cursor.valueLength;
        const isFramed = from <= to && bytes[cursor.valueStart] === 0;
        const schemaId = isFramed ? view.getUint32(from - 4) : cut.schemaId;
        const decision = cut.next(offset, schemaId, to - from);
        if (decision === SKIP) continue;
        if (decision === CLOSE) {
          this.#held = true;
          break;
        }
        taken = true;
        if (!isFramed) throw new Error(notWireFormat(cursor));
        datum.walk(bytes, from, to);
        taken = false;
        filler.append(view, from, to, datum.id, datum.timestampUs);
      }
    } catch (error) {
      if (taken) cut.drop();
      throw this.#malformed(offset, error, taken);
    } finally {
      if (filler.rows > before && this.#timestampMs < filler.oldestMs) {
        filler.oldestMs = this.#timestampMs;
      }
    }
    return hasEnded;
  }

  #malformed(offset: number, cause: unknown, isOneRecord: boolean): unknown {
    if (cause instanceof ScorelineError || !(cause instanceof Error)) return cause;
    return new PoisonError(
      `the record at ${this.#topic}[${this.#partition}] offset ${offset} is malformed: ${cause.message}`,
      {
        code: 'record-malformed',
        offset: isOneRecord ? BigInt(offset) : undefined,
        remedy:
          'Nothing from this offset on was landed or committed. Find out who wrote it: only capture may produce into this topic.',
        cause,
      },
    );
  }
}

function notWireFormat({ valueLength }: RecordCursor): string {
  if (valueLength < 0) return 'it has no value';
  return 'its value does not begin with 0x00 and a schema id';
}
