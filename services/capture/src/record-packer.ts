import { DEFAULT_BATCH_BYTES, partitionFor, RecordBatch } from '@scoreline/kafka';

import { BucketSpans } from './bucket-spans.ts';
import type { Chunk } from './chunk.ts';

/** What all partitions' batches take together, however many there are. */
const ALL_BATCHES_BYTES = 24 * 1024 * 1024;
const LEAST_BATCH_BYTES = 64 * 1024;
/** Server ids are a few thousand: their keys are kept at their place, which a row finds at once. */
const NEAR_IDS = 65_536;
/** Of other ids so many keys are kept. */
const FAR_KEYS = 100_000;

interface Key {
  readonly bytes: Buffer;
  readonly partition: number;
}

/**
 * Lays rows out as one finished record batch for each partition: what one request may carry. When one
 * is full the request goes, with what the others hold.
 */
export class RecordPacker {
  readonly #header: Buffer;
  readonly #batches: readonly RecordBatch[];
  /** Of the rows that `next` answered. */
  readonly spans: BucketSpans;
  readonly #near = Array.from<Key | undefined>({ length: NEAR_IDS });
  #far = new Map<number, Key>();
  #chunks: readonly Chunk[] = [];
  #chunk = 0;
  #row = 0;

  /** @param header what each record's value begins with: the wire format's schema id. */
  constructor(partitions: number, header: Buffer) {
    const share = Math.floor(ALL_BATCHES_BYTES / partitions);
    const batchBytes = Math.max(LEAST_BATCH_BYTES, Math.min(DEFAULT_BATCH_BYTES, share));
    this.#header = header;
    this.spans = new BucketSpans(partitions);
    this.#batches = Array.from(
      { length: partitions },
      (_, partition) => new RecordBatch(partition, batchBytes),
    );
  }

  begin(chunks: readonly Chunk[]): void {
    this.#chunks = chunks;
    this.#chunk = 0;
    this.#row = 0;
  }

  /** The next request's batches, good until the next call; none when all rows are out. */
  next(): RecordBatch[] {
    for (const batch of this.#batches) batch.clear();
    this.spans.clear();
    for (; this.#chunk < this.#chunks.length; this.#chunk++, this.#row = 0) {
      if (!this.#pack(this.#chunks[this.#chunk]!)) break;
    }
    return this.#batches.filter((batch) => batch.length > 0);
  }

  /** False when a batch is full. */
  #pack({ block, times }: Chunk): boolean {
    const { rows, bytes, ends, ids, serverIds } = block;
    const { spans } = this;
    let from = block.start(this.#row);
    for (let row = this.#row; row < rows; row++) {
      const key = this.#key(serverIds[row]!);
      const batch = this.#batches[key.partition]!;
      if (!batch.append(key.bytes, this.#header, bytes, from, ends[row]!, times[row]!)) {
        this.#row = row;
        return false;
      }
      spans.note(ids[row]!, key.partition, batch.length - 1);
      from = ends[row]!;
    }
    return true;
  }

  #key(serverId: number): Key {
    return (
      (serverId < NEAR_IDS ? this.#near[serverId] : this.#far.get(serverId)) ??
      this.#newKey(serverId)
    );
  }

  #newKey(serverId: number): Key {
    const bytes = Buffer.from(String(serverId));
    const key = { bytes, partition: partitionFor(bytes, this.#batches.length) };
    if (serverId < NEAR_IDS) {
      this.#near[serverId] = key;
    } else {
      if (this.#far.size >= FAR_KEYS) this.#far = new Map();
      this.#far.set(serverId, key);
    }
    return key;
  }
}
