import type { RangeName } from './range-identity.ts';
import { RangeView } from './range-view.ts';
import type { Range, RangeChunk } from './range.ts';
import { RowFacts } from './row-facts.ts';

/** Which rows, by index, the first and the one after the last; and what they are called. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly name: Pick<RangeName, 'ledgerUuid' | 'first' | 'last'>;
}

/**
 * Consecutive rows of a range as one of their own, exactly what a range that was cut there would be.
 * Reads through the whole one, of which it is a view: nothing is copied but what `load` is asked for.
 */
export class PartOfRange extends RangeView {
  readonly #part: Part;

  static async of(whole: Range, part: Part): Promise<PartOfRange> {
    if (whole instanceof PartOfRange) return PartOfRange.of(whole.whole, whole.#inWhole(part));
    const facts = new RowFacts();
    for await (const chunk of chunksOf(whole, part)) facts.add(chunk);
    return new PartOfRange(whole, part, facts);
  }

  private constructor(whole: Range, part: Part, facts: RowFacts) {
    super(whole, part.name, facts);
    this.#part = part;
  }

  chunks(): AsyncIterable<RangeChunk> {
    return chunksOf(this.whole, this.#part);
  }

  #inWhole({ from, to, name }: Part): Part {
    const before = this.#part.from;
    return { from: before + from, to: before + to, name };
  }
}

async function* chunksOf(whole: Range, { from, to }: Part): AsyncGenerator<RangeChunk, void> {
  let at = 0;
  for await (const chunk of whole.chunks()) {
    const begin = Math.max(0, from - at);
    const end = Math.min(chunk.rows, to - at);
    if (begin < end) yield slice(chunk, begin, end);
    at += chunk.rows;
    if (at >= to) return;
  }
}

function slice(chunk: RangeChunk, begin: number, end: number): RangeChunk {
  const base = begin === 0 ? 0 : chunk.ends[begin - 1]!;
  const ends = chunk.ends.slice(begin, end);
  for (let i = 0; i < ends.length; i++) ends[i]! -= base;
  return {
    rows: end - begin,
    datums: chunk.datums.subarray(base, chunk.ends[end - 1]),
    ends,
    ids: chunk.ids.subarray(begin, end),
    timestampsUs: chunk.timestampsUs.subarray(begin, end),
  };
}
