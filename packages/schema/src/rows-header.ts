/** The head of a rows event's body, before its first row. */
export interface RowsHeader {
  readonly tableId: number;
  readonly columns: number;
  /** Whether every column is in the row image (binlog_row_image=FULL, which a session can change). */
  readonly allPresent: boolean;
  /** Where the first row begins. */
  readonly rowsStart: number;
}

/** WRITE_ROWS_EVENT_V1 and _V2. */
export const WRITE_ROWS_V1 = 23;
export const WRITE_ROWS_V2 = 30;

/** WRITE, UPDATE and DELETE, in both layouts. */
const ROWS_V1: readonly number[] = [WRITE_ROWS_V1, 24, 25];
const ROWS_V2: readonly number[] = [WRITE_ROWS_V2, 31, 32];
const UPDATES: readonly number[] = [24, 31];

/**
 * Reads the header of a rows event whose body (behind the 19 bytes of the common header) is at `at`.
 *
 * @throws RangeError for an event of another type, and for one that is cut short.
 */
export function readRowsHeader(source: Buffer, at: number, eventType: number): RowsHeader {
  const isV2 = ROWS_V2.includes(eventType);
  if (!isV2 && !ROWS_V1.includes(eventType)) {
    throw new RangeError(`event type ${eventType} is not a rows event of a known layout`);
  }
  const tableId = source.readUIntLE(at, 6);
  let position = at + 8; // flags
  // The length of the extra data counts its own two bytes.
  if (isV2) position += source.readUInt16LE(position);
  let columns = source.readUInt8(position++);
  if (columns === 0xfc) {
    columns = source.readUInt16LE(position);
    position += 2;
  }
  // An UPDATE has two images of a row, each with columns of its own.
  const images = UPDATES.includes(eventType) ? 2 : 1;
  let allPresent = true;
  for (let image = 0; image < images; image++) {
    allPresent = allOnes(source, position, columns) && allPresent;
    position += (columns + 7) >> 3;
  }
  return { tableId, columns, allPresent, rowsStart: position };
}

function allOnes(source: Buffer, at: number, bits: number): boolean {
  for (let bit = 0; bit < bits; bit++) {
    if ((source.readUInt8(at + (bit >> 3)) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
