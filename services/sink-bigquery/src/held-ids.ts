import { type AskedIds, WORD_IDS, WordIds } from '@scoreline/landing';

import type { BigQueryApi } from './api.ts';
import type { AskedTable } from './ids-there.ts';
import { integerOf, queryRows } from './query.ts';
import { quoted } from './table-schema.ts';

/** How often an id is said again at most: that it is there twice is what matters. */
const AGAIN = 100;

/**
 * Every id in the table between these, as often as it is there. Each question reads, and is billed for, the
 * whole column of ids.
 */
export async function* heldIds(
  api: BigQueryApi,
  table: AskedTable,
  { from, to }: AskedIds,
  signal: AbortSignal,
): AsyncGenerator<Float64Array, void> {
  const { location } = table;
  // Some tables are not read without a condition on their partitions.
  const rows = `FROM ${quoted(table)} WHERE ts >= TIMESTAMP_MICROS(0) AND id BETWEEN ${from} AND ${to}`;
  const words = `SELECT DIV(id, ${WORD_IDS}) AS word, BIT_OR(1 << MOD(id, ${WORD_IDS})) AS bits, COUNT(*) AS held ${rows} GROUP BY word`;
  const ids = new WordIds();
  let hasDoubles = false;
  for await (const page of queryRows(api, { sql: words, location, signal })) {
    for (const [word, said, held] of page) {
      const count = ids.add(integerOf(word) * WORD_IDS, integerOf(said));
      if (integerOf(held) !== count) hasDoubles = true;
      if (ids.isFull) yield ids.take();
    }
  }
  yield ids.take();
  if (!hasDoubles) return;
  const doubles = `SELECT id, COUNT(*) AS held ${rows} GROUP BY id HAVING COUNT(*) > 1`;
  for await (const page of queryRows(api, { sql: doubles, location, signal })) {
    for (const [id, held] of page) {
      yield new Float64Array(Math.min(integerOf(held) - 1, AGAIN)).fill(integerOf(id));
    }
  }
}
