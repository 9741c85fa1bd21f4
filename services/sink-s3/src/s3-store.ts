import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  checkedMetadata,
  type ListedObject,
  type NewObject,
  objectBytes,
  type ObjectStore,
  type StoredObject,
  withChecksum,
} from '@scoreline/files';
import type { Destination } from '@scoreline/landing';
import type { Logger } from '@scoreline/service';

import { bytesOf, type Checksum, confirm, sentChecksum } from './checksum.ts';
import { findPlace } from './destination.ts';
import { createInParts, PART_BYTES } from './multipart.ts';
import { inOurTerms, isAbsent, isThere, startError } from './s3-errors.ts';
import type { StoreConfig } from './store-settings.ts';

/** The SDK's own attempts, for what passes in seconds; landing has the patience for more. */
const ATTEMPTS = 3;
const CONNECT_MS = 10_000;
/** For one request, which carries 8 MiB at most. */
const REQUEST_MS = 120_000;
/** In which nothing comes or goes. Amazon sends a blank now and then while it puts parts together. */
const IDLE_MS = 60_000;

/** Files as objects of one bucket. It creates and reads; it never replaces or deletes. */
export class S3Store implements ObjectStore {
  readonly #config: StoreConfig;
  readonly #log: Logger;
  readonly #client: S3Client;
  #checksum: Checksum = 'crc32c';

  constructor(
    config: StoreConfig,
    log: Logger,
    { idleMs = IDLE_MS }: { readonly idleMs?: number } = {},
  ) {
    this.#config = config;
    this.#log = log;
    const {
      s3_region: region,
      s3_endpoint: endpoint,
      s3_path_style: forcePathStyle,
      s3_access_key_id: accessKeyId,
      s3_secret_access_key: secretAccessKey,
    } = config;
    this.#client = new S3Client({
      region,
      forcePathStyle,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : { credentials: { accessKeyId, secretAccessKey } }),
      maxAttempts: ATTEMPTS,
      // Every request says the checksum that this sink has computed, and no other.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: REQUEST_MS,
        throwOnRequestTimeout: true,
        // That of the request is for its answer to begin; this one is for its end.
        socketTimeout: idleMs,
      },
    });
  }

  async start(prefix: string, signal: AbortSignal): Promise<Destination> {
    const { s3_bucket: bucket, s3_prefix: before } = this.#config;
    try {
      const listed = await this.#client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: before + prefix, MaxKeys: 1 }),
        { abortSignal: signal },
      );
      const place = { client: this.#client, bucket, prefix: before };
      const { uuid, checksum } = await findPlace(place, signal);
      this.#checksum = checksum;
      if (checksum === 'md5') {
        this.#log.warn(
          { bucket },
          'the store keeps no CRC32C of whole objects: what it has is compared by MD5',
        );
      }
      return {
        name: `S3 bucket ${bucket}${before === '' ? '' : `, below ${before}`}`,
        fingerprint: `${bucket}/${before} ${uuid}`,
        holdsRows: (listed.Contents ?? []).length > 0,
      };
    } catch (error) {
      signal.throwIfAborted();
      throw startError(error, 'starting');
    }
  }

  async create(object: NewObject, signal: AbortSignal): Promise<'created' | 'exists'> {
    const doing = `creating ${object.name} in ${this.#config.s3_bucket}`;
    try {
      if (object.size <= PART_BYTES) {
        await this.#createAtOnce(object, doing, signal);
        return 'created';
      }
      // It would be found out only when all of it had been sent.
      if ((await this.stat(object.name, signal)) !== null) return 'exists';
      await createInParts(
        {
          client: this.#client,
          bucket: this.#config.s3_bucket,
          key: this.#key(object.name),
          contentType: this.#config.s3_content_type,
          checksum: this.#checksum,
        },
        object,
        signal,
      );
      return 'created';
    } catch (error) {
      signal.throwIfAborted();
      if (isThere(error)) return 'exists';
      throw inOurTerms(error, doing);
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<StoredObject | null> {
    const { s3_bucket: bucket } = this.#config;
    const doing = `looking at ${name} in ${bucket}`;
    try {
      const { ContentLength, Metadata, ChecksumCRC32C } = await this.#client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: this.#key(name), ChecksumMode: 'ENABLED' }),
        { abortSignal: signal },
      );
      const metadata = checkedMetadata(doing, Metadata ?? {}, ChecksumCRC32C);
      return { size: ContentLength ?? 0, metadata };
    } catch (error) {
      signal.throwIfAborted();
      if (isAbsent(error)) return null;
      throw inOurTerms(error, doing);
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<ListedObject, void> {
    const { s3_bucket: bucket, s3_prefix: before } = this.#config;
    let after: string | undefined;
    try {
      do {
        const asked = { Bucket: bucket, Prefix: before + prefix, ContinuationToken: after };
        const page = await this.#client.send(new ListObjectsV2Command(asked), {
          abortSignal: signal,
        });
        for (const { Key: key = '' } of page.Contents ?? [])
          yield { name: key.slice(before.length), metadata: null };
        after = page.NextContinuationToken;
      } while (after !== undefined);
    } catch (error) {
      signal.throwIfAborted();
      throw inOurTerms(error, `listing ${prefix} in ${bucket}`);
    }
  }

  async *read(name: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const { s3_bucket: bucket } = this.#config;
    try {
      const asked = new GetObjectCommand({ Bucket: bucket, Key: this.#key(name) });
      const { Body: body } = await this.#client.send(asked, { abortSignal: signal });
      yield* body as AsyncIterable<Uint8Array>;
    } catch (error) {
      signal.throwIfAborted();
      throw inOurTerms(error, `reading ${name} in ${bucket}`);
    }
  }

  async stop(): Promise<void> {
    this.#client.destroy();
  }

  async #createAtOnce(object: NewObject, doing: string, signal: AbortSignal): Promise<void> {
    let body: Buffer = Buffer.alloc(0);
    for await (const piece of objectBytes(object, PART_BYTES, signal)) body = piece;
    const bytes = bytesOf(body, object.crc32c);
    const answer = await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#config.s3_bucket,
        Key: this.#key(object.name),
        Body: body,
        ContentLength: body.length,
        ContentType: this.#config.s3_content_type,
        Metadata: withChecksum(object),
        IfNoneMatch: '*',
        ...sentChecksum(this.#checksum, bytes),
      }),
      { abortSignal: signal },
    );
    confirm(this.#checksum, bytes, answer, doing);
  }

  #key(name: string): string {
    return this.#config.s3_prefix + name;
  }
}
