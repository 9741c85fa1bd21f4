import { Storage } from '@google-cloud/storage';
import type { Bucket } from '@google-cloud/storage';
import {
  type ArchiveFiles,
  checkedMetadata,
  type ListedObject,
  type NewObject,
  type ObjectStore,
  type StoredObject,
} from '@scoreline/files';
import type { Destination } from '@scoreline/landing';
import { unlessAborted } from '@scoreline/service';

import { BucketArchive } from './bucket-archive.ts';
import { bucketIdentity } from './bucket-identity.ts';
import { checkCredentialsFile } from './credentials-file.ts';
import { inOurTerms, isAbsent, startError } from './gcs-errors.ts';
import { pagesOf } from './pages.ts';
import type { StoreConfig } from './store-settings.ts';
import { PIECE_BYTES, Uploads } from './upload.ts';

const TIMEOUT_MS = 60_000;

/** Files as objects of one bucket. It creates and reads; it never replaces or deletes. */
export class GcsStore implements ObjectStore {
  readonly archive: ArchiveFiles;
  readonly #config: StoreConfig;
  readonly #bucket: Bucket;
  readonly #uploads: Uploads;

  constructor(config: StoreConfig) {
    this.#config = config;
    const {
      gc_bucket: name,
      gc_project: project,
      gc_api_endpoint: apiEndpoint,
      google_application_credentials: keyFilename,
    } = config;
    const userProject = project === 'none' ? {} : { userProject: project };
    const storage = new Storage({
      // Without one the client asks the machine's metadata server, which may not be there.
      projectId: project,
      // Landing has the patience. The client's own retries of an upload outlive its abort, and then end the process.
      retryOptions: { autoRetry: false },
      timeout: TIMEOUT_MS,
      ...(keyFilename === undefined ? {} : { keyFilename }),
      ...(apiEndpoint === undefined
        ? {}
        : { apiEndpoint, useAuthWithCustomEndpoint: apiEndpoint.startsWith('https:') }),
    });
    this.#bucket = storage.bucket(name, userProject);
    this.archive = new BucketArchive(this.#bucket);
    this.#uploads = new Uploads(this.#bucket, {
      contentType: config.gc_content_type,
      cacheControl: config.gc_cache_control,
    });
  }

  async start(prefix: string, signal: AbortSignal): Promise<Destination> {
    try {
      return await unlessAborted(this.#start(prefix), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw startError(error, 'starting');
    }
  }

  async create(object: NewObject, signal: AbortSignal): Promise<'created' | 'exists'> {
    // It would be found out only when all of it had been sent.
    const isLarge = object.size > PIECE_BYTES;
    if (isLarge && (await this.stat(object.name, signal)) !== null) return 'exists';
    return this.#uploads.create(object, signal);
  }

  async stat(name: string, signal: AbortSignal): Promise<StoredObject | null> {
    const doing = `looking at ${name} in ${this.#bucket.name}`;
    try {
      const [facts] = await unlessAborted(this.#bucket.file(name).getMetadata(), signal);
      const metadata = checkedMetadata(doing, textsOf(facts.metadata), facts.crc32c);
      return { size: Number(facts.size), metadata };
    } catch (error) {
      signal.throwIfAborted();
      if (isAbsent(error)) return null;
      throw inOurTerms(error, doing);
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<ListedObject, void> {
    try {
      for await (const { files } of pagesOf(this.#bucket, { prefix }, signal)) {
        for (const { name, metadata } of files) {
          const texts = textsOf(metadata.metadata);
          yield { name, metadata: checkedMetadata(name, texts, metadata.crc32c) };
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      throw inOurTerms(error, `listing ${prefix} in ${this.#bucket.name}`);
    }
  }

  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.archive.read(name, signal);
  }

  /** Its connections end by themselves. */
  async stop(): Promise<void> {}

  async #start(prefix: string): Promise<Destination> {
    const { google_application_credentials: credentials } = this.#config;
    if (credentials !== undefined) await checkCredentialsFile(credentials);
    const [files] = await this.#bucket.getFiles({ prefix, maxResults: 1, autoPaginate: false });
    const identity = await bucketIdentity(this.#bucket);
    await this.#mayCreate(prefix);
    return {
      name: `bucket ${this.#bucket.name} of Cloud Storage`,
      fingerprint: `${this.#bucket.name} ${identity}`,
      holdsRows: files.length > 0,
    };
  }

  /** A session that is opened and left alone asks for the right and leaves nothing that anybody sees. */
  async #mayCreate(prefix: string): Promise<void> {
    await this.#bucket
      .file(`${prefix}probe`)
      .createResumableUpload({ preconditionOpts: { ifGenerationMatch: 0 } });
  }
}

/** A value that is no text was not written by a sink, which compares texts. */
function textsOf(metadata: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([key, value]) => [key, String(value)]),
  );
}
