import type { Destination } from '@scoreline/landing';

import type { ArchiveFiles } from './archive-files.ts';

/** What is known of an object beside its bytes; kept with it, as text. */
export type ObjectMetadata = Readonly<Record<string, string>>;

/** An object to be created, its bytes finished and waiting in a local file. */
export interface NewObject {
  /** Within the store: `log_scores-v1/dt=2026-01-31/p0003-000…017-000…942.avro`. */
  readonly name: string;
  /** Where its bytes are, until `create` has returned. */
  readonly path: string;
  readonly size: number;
  /** Of its bytes. */
  readonly crc32c: number;
  readonly metadata: ObjectMetadata;
}

/** An object that is there. */
export interface StoredObject {
  readonly size: number;
  readonly metadata: ObjectMetadata;
}

export interface ListedObject {
  readonly name: string;
  /** Where it comes with the name; null where the object has to be asked. */
  readonly metadata: ObjectMetadata | null;
}

/**
 * Where files go: a bucket or a folder. An object appears whole or not at all, and is never replaced
 * or deleted, so a store needs no right to. Errors follow `Sink.write`'s rule: RetryableError = again,
 * for ever; PermanentError = stop.
 */
export interface ObjectStore {
  /** What ntppool/archiver has left there; absent where it has never written. */
  readonly archive?: ArchiveFiles;
  /** Checks that the place is there and can be written to; what rows are looked for below `prefix`. */
  start(prefix: string, signal: AbortSignal): Promise<Destination>;
  /**
   * Resolves when the object is durable and its checksum confirmed by the store: `created`. Or
   * `exists`: an object of this name was there before, perhaps from an attempt of ours whose answer
   * was lost, and nothing was changed.
   */
  create(object: NewObject, signal: AbortSignal): Promise<'created' | 'exists'>;
  /** Null when there is none. Strongly consistent: after `exists` it is found. */
  stat(name: string, signal: AbortSignal): Promise<StoredObject | null>;
  /** Every object below a prefix, in any order. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<ListedObject>;
  /** An object from its beginning to its end. */
  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  stop(): Promise<void>;
}
