import type { Column, TableMapEntry } from '../columns.ts';

/** A row as zongji decodes it: what the row encoder is compared with, event by event. */
export type ZongjiRow = Readonly<Record<string, unknown>>;

interface Parser {
  append(bytes: Buffer): void;
}

type WriteRows = new (
  parser: Parser,
  options: { eventType: number; timestamp: number; nextPosition: number; size: number },
  zongji: unknown,
) => { readonly rows: readonly ZongjiRow[] };

// Its row decoder is not exported: it is taken from beside what is.
const home = import.meta.resolve('@vlasky/zongji');
const { WriteRows } = (await import(new URL('lib/rows_event.js', home).href)) as {
  WriteRows: WriteRows;
};
const { Parser } = (await import(new URL('lib/reader.js', home).href)) as {
  Parser: new () => Parser;
};

/** Decodes the body of a WRITE_ROWS_EVENT_V2 with zongji's own decoder; times come as UTC text. */
export function decodeWithZongji(body: Buffer, entry: TableMapEntry): readonly ZongjiRow[] {
  const parser = new Parser();
  parser.append(Buffer.from(body));
  const zongji = {
    useChecksum: false,
    tableMap: { [body.readUIntLE(0, 6)]: entry },
    connection: { config: { dateStrings: true, timezone: 'Z' } },
    emit: (_name: string, error: Error) => {
      throw error;
    },
  };
  const options = { eventType: 30, timestamp: 0, nextPosition: 0, size: body.length };
  return new WriteRows(parser, options, zongji).rows;
}

/** A table map entry for columns made by hand. */
export function entryOf(columns: readonly Column[]): TableMapEntry {
  const entry = {
    columns: columns.map(({ name, type, charset, decimals, lengthBytes }) => ({
      name,
      type,
      charset,
      metadata: {
        decimals,
        length_size: lengthBytes,
        max_length: lengthBytes === 2 ? 60_000 : 255,
      },
    })),
    columnSchemas: columns.map(({ unsigned }) => ({ UNSIGNED: unsigned, COLUMN_TYPE: '' })),
  };
  return entry satisfies TableMapEntry;
}
