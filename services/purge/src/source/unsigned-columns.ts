import type { FieldPacket } from 'mysql2';

/** Of one row, in `packet` from `at` on: the whole number in this column of the result. */
export type ReadUnsigned = (packet: Buffer, at: number, column: number) => number;

const LONG = 3;
const LONGLONG = 8;

/**
 * Reads rows of the binary protocol of which every column is `CAST(… AS UNSIGNED)` and not NULL. MariaDB leaves
 * an INT as narrow as it is, whatever it was cast to: only the result says how wide a number comes.
 */
export function unsignedColumns(fields: readonly FieldPacket[]): ReadUnsigned {
  const widths = fields.map(({ columnType }) => widthOf(columnType));
  // Behind a byte of 0 and a bit for each column, the first of which is the third.
  const first = 1 + ((widths.length + 2 + 7) >> 3);
  const places = widths.map((_, column) =>
    widths.slice(0, column).reduce((place, width) => place + width, first),
  );
  return (packet, at, column) => {
    const place = at + places[column]!;
    const low = packet.readUInt32LE(place);
    return widths[column] === 4 ? low : packet.readUInt32LE(place + 4) * 2 ** 32 + low;
  };
}

function widthOf(columnType: number | undefined): number {
  if (columnType === LONG) return 4;
  if (columnType === LONGLONG) return 8;
  throw new TypeError(`an id comes as column type ${columnType}`);
}
