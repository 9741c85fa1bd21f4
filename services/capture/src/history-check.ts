import { identifier, type Source } from '@scoreline/database';
import { type BinlogPosition, fileNumber } from '@scoreline/ledger';
import { ConfigError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { ChunkPool } from './chunk.ts';
import { Reading, type ReadingOptions } from './reading.ts';
import { RowCollector } from './row-collector.ts';
import { currentPosition } from './source-identity.ts';

/** Rows that may commit in another order than that of their ids. */
const MOST_EARLY_IDS = 1_000_000;
/** A large transaction is looked at in parts. */
const GROUP_BYTES = 1024 * 1024;

interface Beginning {
  /** The binlog creates the table before it writes to it. */
  readonly created: boolean;
  /** The first id that the binlog has, infinite when it has none. */
  readonly firstId: number;
  /** Smaller ids that the binlog has: their transactions committed later. */
  readonly ids: ReadonlySet<number>;
}

/**
 * Whether the binlogs hold every row that the table holds. They do when they hold its creation, or when
 * they begin with the server's first and no row is older: the first rows are read and compared.
 *
 * @throws ConfigError `initial-all`
 */
export async function requireWholeHistory(
  connection: Connection,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { source, from } = options;
  const oldestId = await scalar(connection, `SELECT MIN(id) AS answer FROM ${tableOf(source)}`);
  if (oldestId === null) return;
  const until = await currentPosition(connection, from.source.flavour);
  const beginning = await readBeginning(options, oldestId, until, signal);
  if (beginning.created) return;
  const { file } = from.position;
  if (fileNumber(file) !== 1) {
    throw refused(source, `the binlogs begin with ${file}, after the table had been created`);
  }
  const missing = await countMissing(connection, source, beginning);
  if (missing > 0) {
    throw refused(
      source,
      `${missing} rows from id ${oldestId} on are in the table and not in them`,
    );
  }
}

/** Reads until the table's creation, or until no row can be older than the first, or to the end. */
async function readBeginning(
  options: ReadingOptions,
  oldestId: number,
  until: BinlogPosition,
  signal: AbortSignal,
): Promise<Beginning> {
  const pool = new ChunkPool(4);
  const collector = new RowCollector(pool);
  const ids = new Set<number>();
  let firstId = Number.POSITIVE_INFINITY;
  const takeIds = (): void => {
    if (collector.endedRows === 0) return;
    const { chunks } = collector.take();
    for (const chunk of chunks) {
      const { block } = chunk;
      if (firstId === Number.POSITIVE_INFINITY) firstId = block.ids[0]!;
      for (let row = 0; row < block.rows; row++) {
        if (block.ids[row]! < firstId) ids.add(block.ids[row]!);
      }
      pool.give(chunk);
    }
  };
  let reading: Reading | undefined;
  try {
    const created = await new Promise<boolean>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      reading = new Reading({ ...options, maxGroupBytes: GROUP_BYTES }, collector, {
        resumed: () => {},
        advanced: takeIds,
        updated: () => {},
        deleted: () => {},
        created: (fresh) => {
          if (fresh && firstId === Number.POSITIVE_INFINITY) resolve(true);
        },
        read: () => {
          const isEnough = firstId <= oldestId || ids.size > MOST_EARLY_IDS;
          if (isEnough || reading!.reader.isAt(until)) resolve(false);
        },
        failed: reject,
      });
      reading.stream.start();
    });
    return { created, firstId, ids };
  } finally {
    await reading?.stream.close();
  }
}

/** Rows of the table that are older than the first one of the binlog, and did not come after it. */
async function countMissing(
  connection: Connection,
  source: Source,
  { firstId, ids }: Beginning,
): Promise<number> {
  const bound = Number.isFinite(firstId) ? `WHERE id < ${firstId}` : '';
  const [rows] = await connection.query<RowDataPacket[]>({
    sql: `SELECT id FROM ${tableOf(source)} ${bound} ORDER BY id LIMIT ${MOST_EARLY_IDS + 1}`,
    rowsAsArray: true,
  });
  return (rows as unknown as [unknown][]).filter(([id]) => !ids.has(Number(id))).length;
}

async function scalar(connection: Connection, sql: string): Promise<number | null> {
  const [[row]] = await connection.query<RowDataPacket[]>(sql);
  const answer: unknown = row?.['answer'];
  return answer === null || answer === undefined ? null : Number(answer);
}

function tableOf({ database, table }: Source): string {
  return identifier(database, table);
}

function refused(source: Source, why: string): ConfigError {
  return new ConfigError(
    `initial: all begins with the oldest binlog, and ${source.database}.${source.table} holds rows that it does not: ${why}`,
    {
      code: 'initial-all',
      remedy:
        'Set initial=now to begin with what commits from now on. Copying older rows out of the table is not built yet.',
    },
  );
}
