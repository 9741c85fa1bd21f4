import { PermanentError } from '@scoreline/service';

export interface CutOptions {
  /** The committed offset, or the one after the range before: what lies below is skipped. */
  readonly start: number;
  /** The range was pending: it ends with exactly this record, whatever the limits say today. */
  readonly end: number | null;
  readonly rows: number;
  readonly bytes: number;
  /** For errors. */
  readonly where: string;
}

/** What to do with a record. */
export const SKIP = 0;
export const TAKE = 1;
/** The range ends before this record, which belongs to the next. */
export const CLOSE = 2;

/**
 * Where one range begins and ends. By record offsets only: batches may begin below the committed
 * offset, and markers and aborted records leave holes. Offsets are plain numbers here, since records
 * pass one by one; 2^53 records are out of reach.
 *
 * A range that was pending is made again record for record. If that cannot be, what was written
 * under its identity cannot be told apart from the rest, so this stops.
 */
export class RangeCut {
  rows = 0;
  bytes = 0;
  first = -1;
  last = -1;
  schemaId = -1;
  #lastBefore = -1;
  #bytesBefore = 0;
  readonly #options: CutOptions;

  constructor(options: CutOptions) {
    this.#options = options;
  }

  get end(): number | null {
    return this.#options.end;
  }

  /** Whether the next record, whatever it is, belongs to the next range. */
  get full(): boolean {
    const { end, rows, bytes } = this.#options;
    if (end !== null) return this.last === end;
    return this.rows >= rows || this.bytes >= bytes;
  }

  /** Decides on a record, and counts it in when it is taken. */
  next(offset: number, schemaId: number, bytes: number): typeof SKIP | typeof TAKE | typeof CLOSE {
    if (offset < this.#options.start || offset <= this.last) return SKIP;
    if (this.full) return CLOSE;
    if (this.#options.end !== null) this.#expect(offset, schemaId, this.#options.end);
    else if (schemaId !== this.schemaId && this.rows > 0) return CLOSE;
    if (this.rows === 0) {
      this.first = offset;
      this.schemaId = schemaId;
    }
    this.rows++;
    this.#bytesBefore = this.bytes;
    this.bytes += bytes;
    this.#lastBefore = this.last;
    this.last = offset;
    return TAKE;
  }

  /** Takes the last record out again, which cannot land: the range ends before it. */
  drop(): void {
    this.rows--;
    this.bytes = this.#bytesBefore;
    this.last = this.#lastBefore;
    if (this.rows === 0) this.first = -1;
  }

  /** Called when records up to `position` were looked at: a pending range must have ended by then. */
  lookedAt(position: number): void {
    const { end, where, start } = this.#options;
    if (end !== null && position > end && this.last !== end) {
      throw cannotBeRepeated(where, start, end, `no record has the offset ${end}`);
    }
  }

  #expect(offset: number, schemaId: number, end: number): void {
    const { where, start } = this.#options;
    if (offset > end) {
      throw cannotBeRepeated(where, start, end, `no record has the offset ${end}`);
    }
    if (this.rows > 0 && schemaId !== this.schemaId) {
      throw cannotBeRepeated(
        where,
        start,
        end,
        `the record at ${offset} has schema ${schemaId}, those before it ${this.schemaId}`,
      );
    }
  }
}

function cannotBeRepeated(where: string, start: number, end: number, why: string): PermanentError {
  return new PermanentError(
    `${where}: the pending range ${start} to ${end} cannot be made again: ${why}`,
    {
      code: 'pending-range-changed',
      remedy:
        'The topic is not what it was when the range was started. See docs/6-troubleshooting.md.',
    },
  );
}
