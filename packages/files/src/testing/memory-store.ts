import { readFile } from 'node:fs/promises';

import { crc32c } from '@scoreline/kafka';
import type { Destination } from '@scoreline/landing';

import type { ArchiveFiles } from '../archive-files.ts';
import type {
  ListedObject,
  NewObject,
  ObjectMetadata,
  ObjectStore,
  StoredObject,
} from '../object-store.ts';

/** An archiver's files, by name. */
export class MemoryArchive implements ArchiveFiles {
  readonly files = new Map<string, Buffer>();
  /** Names that were read to their end. */
  readonly reads: string[] = [];

  async list(): Promise<readonly string[]> {
    return [...this.files.keys()];
  }

  async *read(name: string): AsyncGenerator<Buffer, void> {
    const bytes = this.files.get(name) ?? Buffer.alloc(0);
    for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
    this.reads.push(name);
  }
}

/** What every store must do, without one. */
export class MemoryStore implements ObjectStore {
  readonly archive?: MemoryArchive;
  readonly objects = new Map<string, { bytes: Buffer; metadata: ObjectMetadata }>();
  /** In order, with what came of it. */
  readonly created: [name: string, outcome: string][] = [];
  prefix = '';
  /** Called before an object is created. */
  before: (object: NewObject) => Promise<void> | void = () => {};

  /** @param archive when an archiver has written there. */
  constructor(archive?: MemoryArchive) {
    if (archive !== undefined) this.archive = archive;
  }

  async start(prefix: string): Promise<Destination> {
    this.prefix = prefix;
    return { name: 'memory', fingerprint: 'memory-1', holdsRows: this.objects.size > 0 };
  }

  async create(object: NewObject, signal: AbortSignal): Promise<'created' | 'exists'> {
    await this.before(object);
    signal.throwIfAborted();
    const bytes = await readFile(object.path);
    if (bytes.length !== object.size || crc32c(bytes) !== object.crc32c)
      throw new Error(`${object.name} has other bytes than was said`);
    const outcome = this.objects.has(object.name) ? 'exists' : 'created';
    if (outcome === 'created') this.objects.set(object.name, { bytes, metadata: object.metadata });
    this.created.push([object.name, outcome]);
    return outcome;
  }

  async stat(name: string): Promise<StoredObject | null> {
    const found = this.objects.get(name);
    return found === undefined ? null : { size: found.bytes.length, metadata: found.metadata };
  }

  async *list(prefix: string): AsyncGenerator<ListedObject, void> {
    for (const name of this.objects.keys())
      if (name.startsWith(prefix)) yield { name, metadata: null };
  }

  async *read(name: string): AsyncGenerator<Buffer, void> {
    const { bytes } = this.objects.get(name)!;
    for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
  }

  async stop(): Promise<void> {}
}
