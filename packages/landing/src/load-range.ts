import { BuiltRange } from './built-range.ts';
import type { RangeName } from './range-identity.ts';
import type { LoadedRange, Range } from './range.ts';

/** Where a datum ends is 32 bits. */
const LOADABLE_BYTES = 2 ** 32 - 1;

/** What a range has in chunks, in memory of its own. */
export async function loadRange(range: Range, name: RangeName): Promise<LoadedRange> {
  if (range.byteLength > LOADABLE_BYTES) {
    throw new RangeError(`${range.identity}: ${range.byteLength} bytes are read in chunks`);
  }
  const all = {
    rows: range.rows,
    datums: Buffer.allocUnsafeSlow(range.byteLength),
    ends: new Uint32Array(range.rows),
    ids: new Float64Array(range.rows),
    timestampsUs: new Float64Array(range.rows),
  };
  let row = 0;
  let at = 0;
  for await (const { rows, datums, ends, ids, timestampsUs } of range.chunks()) {
    all.datums.set(datums, at);
    all.ids.set(ids, row);
    all.timestampsUs.set(timestampsUs, row);
    for (let i = 0; i < rows; i++) all.ends[row + i] = ends[i]! + at;
    row += rows;
    at += datums.length;
  }
  return new BuiltRange(name, all, range.oldestMs);
}
