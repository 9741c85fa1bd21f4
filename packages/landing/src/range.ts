/** What is known of a range without its bytes: what a commit remembers of it. */
export interface RangeFacts {
  /** Offset of the first and last record. */
  readonly first: bigint;
  readonly last: bigint;
  readonly rows: number;
  readonly minId: number;
  readonly maxId: number;
  /** The rows' own `ts`, microseconds since the epoch. */
  readonly minTs: number;
  readonly maxTs: number;
  /** CRC32C of the datums, back to back. */
  readonly crc: number;
}

/** Records of one partition that land together, cut by record offsets. Durable under its identity. */
export interface Range extends RangeFacts {
  /** `<ledger uuid>.<topic>.<partition>.<first>-<last>.<crc, 8 hex digits>` */
  readonly identity: string;
  readonly topic: string;
  readonly partition: number;
  /** Bytes of the Avro datums. */
  readonly byteLength: number;
  /** The writer schema, JSON as registered. */
  readonly schema: string;
  /** Kafka timestamp of the oldest record batch in it, milliseconds: when its rows were committed in MySQL. */
  readonly oldestMs: number;
  /**
   * Its records in order, in pieces of bounded size: how a range that may be larger than memory is
   * read. May be asked for as often as a write is repeated. The buffers belong to the range: a piece
   * is valid until the next one is asked for, and none once `write` has returned.
   */
  chunks(): AsyncIterable<RangeChunk>;
  /** The whole range in memory: for sinks whose limits keep it small. */
  load(): Promise<LoadedRange>;
}

/** Consecutive records of a range. */
export interface RangeChunk {
  readonly rows: number;
  /** Avro datums, back to back. */
  readonly datums: Buffer;
  /** Per record: where it ends in `datums`, its id, its `ts`. */
  readonly ends: Uint32Array;
  readonly ids: Float64Array;
  readonly timestampsUs: Float64Array;
}

/** A range all of whose records are in memory. */
export interface LoadedRange extends Range {
  /** Per record, in order. */
  readonly ids: Float64Array;
  readonly timestampsUs: Float64Array;
  /** One record's Avro bytes: what a sink that wants objects decodes. */
  datum(index: number): Buffer;
  /**
   * An Avro object container (codec null, one block) over the bytes as received, not re-encoded; its
   * sync marker derives from the identity. The buffers belong to the range: a sink must not keep
   * them once `write` has returned.
   */
  container(): readonly Buffer[];
  /** The same for some of the records only, by index: what a repair inserts. */
  containerOf(indexes: Uint32Array): readonly Buffer[];
}
