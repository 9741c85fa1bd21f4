import { loadRange } from './load-range.ts';
import { rangeIdentity, type RangeName } from './range-identity.ts';
import type { LoadedRange, Range, RangeChunk } from './range.ts';
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
export class PartOfRange implements Range {
  readonly identity: string;
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly rows: number;
  readonly schema: string;
  readonly oldestMs: number;
  readonly byteLength: number;
  readonly crc: number;
  readonly minId: number;
  readonly maxId: number;
  readonly minTs: number;
  readonly maxTs: number;
  readonly #whole: Range;
  readonly #part: Part;

  static async of(whole: Range, part: Part): Promise<PartOfRange> {
    if (whole instanceof PartOfRange) return PartOfRange.of(whole.#whole, whole.#inWhole(part));
    const facts = new RowFacts();
    for await (const chunk of chunksOf(whole, part)) facts.add(chunk);
    return new PartOfRange(whole, part, facts);
  }

  private constructor(whole: Range, part: Part, facts: RowFacts) {
    const { topic, partition, schema, oldestMs } = whole;
    this.#whole = whole;
    this.#part = part;
    this.topic = topic;
    this.partition = partition;
    this.schema = schema;
    this.oldestMs = oldestMs;
    this.first = part.name.first;
    this.last = part.name.last;
    this.rows = part.to - part.from;
    this.byteLength = facts.byteLength;
    this.crc = facts.crc;
    this.minId = facts.minId;
    this.maxId = facts.maxId;
    this.minTs = facts.minTs;
    this.maxTs = facts.maxTs;
    this.identity = rangeIdentity(this.#name(), facts.crc);
  }

  chunks(): AsyncIterable<RangeChunk> {
    return chunksOf(this.#whole, this.#part);
  }

  load(): Promise<LoadedRange> {
    return loadRange(this, this.#name());
  }

  #inWhole({ from, to, name }: Part): Part {
    const before = this.#part.from;
    return { from: before + from, to: before + to, name };
  }

  #name(): RangeName {
    const { topic, partition, schema } = this;
    return { ...this.#part.name, topic, partition, schema };
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
