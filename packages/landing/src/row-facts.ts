import { crc32c } from '@scoreline/kafka';

import type { RangeChunk } from './range.ts';

/** What is known of rows without their bytes, as they go by. */
export class RowFacts {
  rows = 0;
  byteLength = 0;
  crc = 0;
  minId = Number.POSITIVE_INFINITY;
  maxId = Number.NEGATIVE_INFINITY;
  minTs = Number.POSITIVE_INFINITY;
  maxTs = Number.NEGATIVE_INFINITY;

  add({ rows, datums, ids, timestampsUs }: RangeChunk): void {
    this.rows += rows;
    this.byteLength += datums.length;
    this.crc = crc32c(datums, 0, datums.length, this.crc);
    for (let row = 0; row < rows; row++) {
      this.minId = Math.min(this.minId, ids[row]!);
      this.maxId = Math.max(this.maxId, ids[row]!);
      this.minTs = Math.min(this.minTs, timestampsUs[row]!);
      this.maxTs = Math.max(this.maxTs, timestampsUs[row]!);
    }
  }
}
