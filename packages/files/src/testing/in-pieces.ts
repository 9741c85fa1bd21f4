import type { LoadedRange, Range, RangeChunk } from '@scoreline/landing';

/** The same range, read back in chunks of so many rows; the last size holds for the rest. */
export function inPieces(range: LoadedRange, sizes: readonly number[]): Range {
  const { identity, topic, partition, first, last, schema, oldestMs, byteLength } = range;
  const { rows, crc, minId, maxId, minTs, maxTs } = range;
  const name = { identity, topic, partition, first, last, schema, oldestMs, byteLength };
  const facts = { rows, crc, minId, maxId, minTs, maxTs };
  return {
    ...name,
    ...facts,
    load: async () => range,
    async *chunks() {
      for (let from = 0, n = 0; from < rows; n++) {
        const to = Math.min(rows, from + (sizes[Math.min(n, sizes.length - 1)] ?? rows));
        yield chunkOf(range, from, to);
        from = to;
      }
    },
  };
}

function chunkOf(range: LoadedRange, from: number, to: number): RangeChunk {
  const datums = Array.from({ length: to - from }, (_, i) => range.datum(from + i));
  let end = 0;
  return {
    rows: to - from,
    datums: Buffer.concat(datums),
    ends: Uint32Array.from(datums, ({ length }) => (end += length)),
    ids: range.ids.slice(from, to),
    timestampsUs: range.timestampsUs.slice(from, to),
  };
}
