import path from 'node:path';

import {
  type ArchiveFiles,
  crc32cHex,
  fileError,
  type FileSystem,
  HEADER_BYTES_MAX,
  headerMetadata,
  type ListedObject,
  type NewObject,
  type ObjectStore,
  type StoredObject,
} from '@scoreline/files';
import type { Destination } from '@scoreline/landing';
import { ConfigError, PermanentError, unlessAborted } from '@scoreline/service';

import { checksumOf } from './checksum.ts';
import { linkNew, sync, syncFolders } from './durable.ts';
import { FolderArchive } from './folder-archive.ts';
import { avroFilesIn, holdsFiles } from './holds-files.ts';
import { Manifest } from './manifest.ts';
import { Marker } from './marker.ts';

/** What is kept in avro_path beside the files: hidden from whoever lists them. */
export const OWN_FOLDER = '.scoreline';

/** What a started store knows. */
interface Started {
  readonly fingerprint: string;
  /** By topic. */
  readonly manifests: Map<string, Manifest>;
}

/**
 * Files in a folder. Each is made elsewhere on the same file system, synced, and then linked under
 * its name: so it is there whole, and in no other's place. When `create` resolves, its bytes, its
 * name, the folders above it and its line in the manifest are on the disk.
 */
export class FileStore implements ObjectStore {
  readonly archive: ArchiveFiles;
  readonly #root: string;
  readonly #files: FileSystem;
  readonly #marker: Marker;
  #started: Started | null = null;

  constructor(root: string, files: FileSystem) {
    this.#root = root;
    this.#files = files;
    this.archive = new FolderArchive(root, files);
    this.#marker = new Marker(root, OWN_FOLDER, files);
  }

  async start(prefix: string): Promise<Destination> {
    try {
      await this.#checkFolder();
      await this.#files.mkdir(path.join(this.#root, OWN_FOLDER), { recursive: true });
      const holdsRows = await holdsFiles(this.#files, path.join(this.#root, prefix));
      const fingerprint = await this.#marker.ensure();
      const manifest = new Manifest(path.join(this.#root, prefix, '_manifest.jsonl'), this.#files);
      const manifests = this.#started?.manifests ?? new Map<string, Manifest>();
      manifests.set(prefix, manifest);
      this.#started = { fingerprint, manifests };
      return { name: `folder ${this.#root}`, fingerprint, holdsRows };
    } catch (error) {
      throw fileError(error, `preparing avro_path ${this.#root}`);
    }
  }

  /** A file system may hang for hours; who has lost the partition does not wait for it. */
  async create(object: NewObject, signal: AbortSignal): Promise<'created' | 'exists'> {
    if (this.#started === null) throw new Error('the store has not been started');
    try {
      return await unlessAborted(this.#create(object, this.#started, signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw fileError(error, `storing ${object.name}`);
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<StoredObject | null> {
    try {
      return await unlessAborted(this.#stat(this.#target(name)), signal);
    } catch (error) {
      signal.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw fileError(error, `looking at ${name}`);
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<ListedObject, void> {
    try {
      for await (const name of avroFilesIn(this.#files, this.#root, prefix)) {
        signal.throwIfAborted();
        yield { name, metadata: null };
      }
    } catch (error) {
      signal.throwIfAborted();
      throw fileError(error, `listing ${this.#target(prefix)}`);
    }
  }

  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.archive.read(name, signal);
  }

  async stop(): Promise<void> {}

  async #create(object: NewObject, { fingerprint, manifests }: Started, signal: AbortSignal) {
    const files = this.#files;
    const target = this.#target(object.name);
    const manifest = manifests.get(`${object.name.split('/')[0]!}/`);
    if (manifest === undefined) throw new Error(`${object.name} is of none of the topics`);
    await this.#marker.check(fingerprint);
    await this.#checkBytes(object);
    await sync(files, object.path);
    await files.mkdir(path.dirname(target), { recursive: true });
    signal.throwIfAborted();
    const outcome = await linkNew(files, object.path, target);
    // Also of a file that was there: whoever made it may have died before this.
    await syncFolders(files, target, this.#root);
    if (outcome === 'created') {
      const { name, size, crc32c, metadata } = object;
      await manifest.add({ name, size, crc32c: crc32cHex(crc32c), metadata });
    } else {
      await this.#noteExisting(object.name, manifest);
    }
    // The manifest may be new.
    await sync(files, path.join(this.#root, object.name.split('/')[0]!));
    return outcome;
  }

  /** What is on the disk must be what was made, before it gets a name. */
  async #checkBytes(object: NewObject): Promise<void> {
    const found = await checksumOf(this.#files, object.path);
    if (found.size === object.size && found.crc32c === object.crc32c) return;
    throw new PermanentError(
      `${object.path} has ${found.size} bytes with CRC32C ${crc32cHex(found.crc32c)}, and was written with ${object.size} and ${crc32cHex(object.crc32c)}`,
      {
        code: 'file-damaged',
        remedy: 'See what the kernel says of that file system; nothing was stored.',
      },
    );
  }

  /** The line that a death after the link has left out. A file that is not ours gets none. */
  async #noteExisting(name: string, manifest: Manifest): Promise<void> {
    const { size, metadata } = await this.#stat(this.#target(name));
    if (metadata['identity'] === undefined || (await manifest.has(name))) return;
    const { crc32c } = await checksumOf(this.#files, this.#target(name));
    await manifest.add({ name, size, crc32c: crc32cHex(crc32c), metadata });
  }

  async #stat(target: string): Promise<StoredObject> {
    const handle = await this.#files.open(target, 'r');
    try {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(HEADER_BYTES_MAX),
        0,
        HEADER_BYTES_MAX,
        0,
      );
      return { size, metadata: headerMetadata(buffer.subarray(0, bytesRead)) };
    } finally {
      await handle.close();
    }
  }

  async #checkFolder(): Promise<void> {
    const found = await this.#files.stat(this.#root).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (found?.isDirectory()) return;
    throw new ConfigError(`avro_path: there is no folder ${this.#root}`, {
      code: 'avro-path-missing',
      remedy:
        'Create it, or mount it: it is not made here, since a mount that failed looks the same.',
    });
  }

  #target(name: string): string {
    return path.join(this.#root, name);
  }
}
