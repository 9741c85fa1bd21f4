import type { Source } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { type Block, type UnknownColumns, VERSION_1 } from '@scoreline/schema';

import { ChunkPool } from '../chunk.ts';
import { Reading } from '../reading.ts';
import { RowCollector } from '../row-collector.ts';
import { UnreadablePlaces } from '../unreadable-places.ts';

/** A row of a block, with all that the block says of it. */
export interface EncodedRow {
  readonly id: number;
  readonly serverId: number;
  readonly timestampUs: number;
  readonly datum: Buffer;
}

export function encodedRows(block: Block): EncodedRow[] {
  return Array.from({ length: block.rows }, (_, row) => ({
    id: block.ids[row]!,
    serverId: block.serverIds[row]!,
    timestampUs: block.timestampsUs[row]!,
    datum: Buffer.from(block.bytes.subarray(block.start(row), block.ends[row])),
  }));
}

export interface BinlogRowsOptions {
  readonly source: Source;
  readonly identity: SourceIdentity;
  readonly from: BinlogPosition;
  readonly rows: number;
  readonly utcOffsetMinutes: number;
  readonly unknownColumns?: UnknownColumns;
}

/** What capture reads from the binlog: the first rows of the table behind a position. */
export async function rowsInBinlog(options: BinlogRowsOptions): Promise<EncodedRow[]> {
  const { source, identity, from, rows, utcOffsetMinutes, unknownColumns = 'stop' } = options;
  const collector = new RowCollector(new ChunkPool(4));
  let reading: Reading | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      reading = new Reading(
        {
          source,
          from: {
            source: identity,
            position: from,
            event: null,
            gtidSet: '',
            commitTimeMs: 0,
            openGroup: null,
            optionalColumns: [],
          },
          serverId: 2 ** 31 + Math.floor(Math.random() * 2 ** 30),
          heartbeatMs: 500,
          timeoutMs: 10_000,
          overlap: null,
          unreadable: new UnreadablePlaces(),
          maxGroupBytes: 64 * 1024 * 1024,
          utcOffsetMinutes,
          unknownColumns,
          version: VERSION_1,
        },
        collector,
        {
          resumed: () => {},
          advanced: () => {},
          updated: () => {},
          deleted: () => {},
          others: () => {},
          read: () => {
            if (collector.endedRows === rows) resolve();
          },
          failed: reject,
        },
      );
      reading.stream.start();
    });
  } finally {
    await reading?.stream.close();
  }
  const found = collector.take().chunks.flatMap(({ block }) => encodedRows(block));
  return found.toSorted((a, b) => a.id - b.id);
}
