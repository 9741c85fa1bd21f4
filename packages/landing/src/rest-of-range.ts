import type { IdSet } from './id-set.ts';
import { RangeView } from './range-view.ts';
import type { Range, RangeChunk } from './range.ts';
import { RowFacts } from './row-facts.ts';

/** A range less the rows that are at the destination already. */
export interface Rest {
  /** The range itself when none is there, null when all are. */
  readonly range: Range | null;
  /** How many are there, and the highest of their ids; -1 without any. */
  readonly found: number;
  readonly highest: number;
}

/** What of a range lacks at the destination, of which it is known which ids it holds. */
export async function restOf(whole: Range, there: Pick<IdSet, 'has'>): Promise<Rest> {
  const facts = new RowFacts();
  let found = 0;
  let highest = -1;
  for await (const chunk of whole.chunks()) {
    for (const id of chunk.ids) {
      if (!there.has(id)) continue;
      found++;
      if (id > highest) highest = id;
    }
    facts.add(without(chunk, there));
  }
  if (found === 0) return { range: whole, found, highest };
  const range = found === whole.rows ? null : new RestOfRange(whole, there, facts);
  return { range, found, highest };
}

/**
 * Some of a range's rows, with the offsets of all of them: what may be there in part stays named by the
 * commit. The same rows have the same identity, whoever leaves the others out.
 */
class RestOfRange extends RangeView {
  readonly #there: Pick<IdSet, 'has'>;

  constructor(whole: Range, there: Pick<IdSet, 'has'>, facts: RowFacts) {
    const { first, last, identity } = whole;
    const ledgerUuid = identity.slice(0, identity.indexOf('.'));
    super(whole, { ledgerUuid, first, last }, facts);
    this.#there = there;
  }

  async *chunks(): AsyncGenerator<RangeChunk, void> {
    for await (const chunk of this.whole.chunks()) {
      const rest = without(chunk, this.#there);
      if (rest.rows > 0) yield rest;
    }
  }
}

/** The chunk itself when it keeps all its rows. */
function without(chunk: RangeChunk, there: Pick<IdSet, 'has'>): RangeChunk {
  let rows = 0;
  for (const id of chunk.ids) if (!there.has(id)) rows++;
  if (rows === chunk.rows) return chunk;
  const datums = Buffer.allocUnsafe(chunk.datums.length);
  const ends = new Uint32Array(rows);
  const ids = new Float64Array(rows);
  const timestampsUs = new Float64Array(rows);
  let length = 0;
  let row = 0;
  for (let at = 0; at < chunk.rows; at++) {
    const id = chunk.ids[at]!;
    if (there.has(id)) continue;
    const begin = at === 0 ? 0 : chunk.ends[at - 1]!;
    length += chunk.datums.copy(datums, length, begin, chunk.ends[at]);
    ends[row] = length;
    ids[row] = id;
    timestampsUs[row] = chunk.timestampsUs[at]!;
    row++;
  }
  return { rows, datums: datums.subarray(0, length), ends, ids, timestampsUs };
}
