import type { ClickHouseClient } from '@clickhouse/client';
import { type AskedIds, WORD_IDS, WordIds } from '@scoreline/landing';
import { RetryableError } from '@scoreline/service';

/** Of an answer in RowBinary: a number of eight bytes, bits and rows of four each. */
const WORD_BYTES = 16;
const DOUBLE_BYTES = 16;

export interface HeldTable {
  readonly client: ClickHouseClient;
  /** Quoted, with its database. */
  readonly table: string;
}

/**
 * Every id in the table between these, as often as it is there. The server counts them: it answers sixteen bytes
 * for each thirty-two neighbours, so that an answer can wait until it is known to be whole. There is no index on
 * ids, which are not in the table's key: each question reads the whole column.
 */
export async function* heldIds(
  { client, table }: HeldTable,
  { from, to }: AskedIds,
  signal: AbortSignal,
): AsyncGenerator<Float64Array, void> {
  const word = `intDiv(toUInt64(id), ${WORD_IDS})`;
  const bits = `groupBitOr(toUInt32(bitShiftLeft(toUInt64(1), toUInt64(id) % ${WORD_IDS})))`;
  const where = 'WHERE id BETWEEN {from:UInt64} AND {to:UInt64}';
  const ask = (query: string) => answer(client, query, { from, to }, signal);
  const ids = new WordIds();
  let hasDoubles = false;
  const words = `SELECT ${word} AS word, ${bits} AS bits, toUInt32(count()) AS rows FROM ${table} ${where} GROUP BY word FORMAT RowBinary`;
  for await (const rows of wholeRows(await ask(words), WORD_BYTES)) {
    for (let at = 0; at < rows.length; at += WORD_BYTES) {
      const count = ids.add(numberAt(rows, at) * WORD_IDS, rows.readUInt32LE(at + 8));
      if (rows.readUInt32LE(at + 12) !== count) hasDoubles = true;
      if (ids.isFull) yield ids.take();
    }
  }
  yield ids.take();
  if (!hasDoubles) return;
  const doubles = `SELECT toUInt64(id) AS id, toUInt64(count()) AS rows FROM ${table} ${where} AND ${word} IN (SELECT ${word} AS word FROM ${table} ${where} GROUP BY word HAVING count() > bitCount(${bits})) GROUP BY id HAVING rows > 1 FORMAT RowBinary`;
  for await (const rows of wholeRows(await ask(doubles), DOUBLE_BYTES)) {
    for (let at = 0; at < rows.length; at += DOUBLE_BYTES) {
      const again = Math.min(numberAt(rows, at + 8) - 1, AGAIN);
      yield new Float64Array(again).fill(numberAt(rows, at));
    }
  }
}

/** How often an id is said again at most: that it is there twice is what matters. */
const AGAIN = 100;

async function answer(
  client: ClickHouseClient,
  query: string,
  query_params: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const { stream } = await client.exec({
    query,
    query_params,
    clickhouse_settings: { wait_end_of_query: 1, max_threads: 2 },
    abort_signal: signal,
  });
  return stream as AsyncIterable<Buffer>;
}

/** An answer in pieces that end with a row. */
async function* wholeRows(
  parts: AsyncIterable<Buffer>,
  length: number,
): AsyncGenerator<Buffer, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % length);
    yield bytes.subarray(0, whole);
    rest = bytes.subarray(whole);
  }
  if (rest.length === 0) return;
  throw new RetryableError('the answer to which ids are there was cut off', {
    code: 'read-back-cut',
  });
}

function numberAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
