import { loadRange } from './load-range.ts';
import { rangeIdentity, type RangeName } from './range-identity.ts';
import type { LoadedRange, Range, RangeChunk } from './range.ts';
import type { RowFacts } from './row-facts.ts';

/** Some of a range's rows as a range of their own, which reads through the whole one. */
export abstract class RangeView implements Range {
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
  protected readonly whole: Range;
  readonly #name: RangeName;

  /** @param facts of the rows that it has */
  constructor(
    whole: Range,
    name: Pick<RangeName, 'ledgerUuid' | 'first' | 'last'>,
    facts: RowFacts,
  ) {
    const { topic, partition, schema, oldestMs } = whole;
    this.whole = whole;
    this.#name = { ...name, topic, partition, schema };
    this.topic = topic;
    this.partition = partition;
    this.schema = schema;
    this.oldestMs = oldestMs;
    this.first = name.first;
    this.last = name.last;
    this.rows = facts.rows;
    this.byteLength = facts.byteLength;
    this.crc = facts.crc;
    this.minId = facts.minId;
    this.maxId = facts.maxId;
    this.minTs = facts.minTs;
    this.maxTs = facts.maxTs;
    this.identity = rangeIdentity(this.#name, facts.crc);
  }

  abstract chunks(): AsyncIterable<RangeChunk>;

  load(): Promise<LoadedRange> {
    return loadRange(this, this.#name);
  }
}
