import { CompressionError, MAX_EVENT_BYTES } from './compression.ts';
import { eventSize, HEADER_BYTES } from './event-layout.ts';
import { payloadHeader } from './payload-header.ts';
import { zstdChunks } from './zstd-chunks.ts';

/** Enough of a rows event to tell its table. */
const HEAD_BYTES = HEADER_BYTES + 8;

const EMPTY = Buffer.alloc(0);

/**
 * The events within MySQL's TRANSACTION_PAYLOAD, one after the other. They have no checksums; the payload
 * has one. They are decompressed as they are asked for: of a payload of any size, one event and zstd's
 * window are held.
 */
export class TransactionPayload {
  /** The event at hand is `event[at..stop]`, good until the next. */
  event: Buffer = EMPTY;
  at = 0;
  stop = 0;
  /** False for an event that is too large to be held: only its head is there. */
  whole = true;
  /** Where the event at hand ends, counted in decompressed bytes. */
  end = 0;
  readonly #size: number;
  readonly #chunks: Iterator<Buffer, void>;
  #chunk: Buffer = EMPTY;
  #from = 0;
  #decompressed = 0;

  /**
   * A payload event's body at `body[at..stop]`.
   *
   * @throws CompressionError
   */
  constructor(body: Buffer, at: number, stop: number) {
    const { isCompressed, size, dataAt } = payloadHeader(body, at, stop);
    const data = body.subarray(dataAt, stop);
    this.#size = size;
    this.#chunks = isCompressed ? zstdChunks(data) : [data].values();
  }

  /**
   * Goes on to the next event. False at the end.
   *
   * @throws CompressionError
   */
  next(): boolean {
    if (this.#isAtEnd()) {
      this.requireEnd();
      return false;
    }
    while (this.#left < HEADER_BYTES) this.#join();
    const size = eventSize(this.#chunk, this.#from);
    if (size < HEADER_BYTES) throw CompressionError.damaged(`it has an event of ${size} bytes`);
    this.whole = size <= MAX_EVENT_BYTES;
    this.#take(this.whole ? size : HEAD_BYTES);
    // The head stays: nothing is written to a chunk.
    if (!this.whole) this.#advance(size - HEAD_BYTES, null);
    this.end += size;
    return true;
  }

  /** @throws CompressionError when there is more, or when something was missing. */
  requireEnd(): void {
    if (!this.#isAtEnd()) {
      throw CompressionError.damaged('its transaction ends before it does');
    }
    if (this.#decompressed !== this.#size) throw this.#wrongSize();
  }

  get #left(): number {
    return this.#chunk.length - this.#from;
  }

  #isAtEnd(): boolean {
    while (this.#left === 0) {
      const chunk = this.#next();
      if (chunk === null) return true;
      this.#chunk = chunk;
      this.#from = 0;
    }
    return false;
  }

  /** Puts what is left of the chunk and the next one together. */
  #join(): void {
    this.#chunk = Buffer.concat([this.#chunk.subarray(this.#from), this.#more()]);
    this.#from = 0;
  }

  /** The next bytes become the event at hand: in their place, or put together from several chunks. */
  #take(bytes: number): void {
    if (this.#left >= bytes) {
      this.event = this.#chunk;
      this.at = this.#from;
      this.#from += bytes;
    } else {
      this.event = Buffer.allocUnsafe(bytes);
      this.at = 0;
      this.#advance(bytes, this.event);
    }
    this.stop = this.at + bytes;
  }

  /** Passes over bytes, into `target` where there is one. */
  #advance(bytes: number, target: Buffer | null): void {
    for (let done = 0; done < bytes;) {
      if (this.#left === 0) {
        this.#chunk = this.#more();
        this.#from = 0;
      }
      const step = Math.min(bytes - done, this.#left);
      target?.set(this.#chunk.subarray(this.#from, this.#from + step), done);
      this.#from += step;
      done += step;
    }
  }

  #more(): Buffer {
    const chunk = this.#next();
    if (chunk === null) throw CompressionError.damaged('its last event is cut short');
    return chunk;
  }

  #next(): Buffer | null {
    const { value, done } = this.#chunks.next();
    if (done === true || value === undefined) return null;
    this.#decompressed += value.length;
    if (this.#decompressed > this.#size) throw this.#wrongSize();
    return value;
  }

  #wrongSize(): CompressionError {
    return CompressionError.damaged(
      `it says ${this.#size} bytes and holds ${this.#decompressed > this.#size ? 'more' : this.#decompressed}`,
    );
  }
}
