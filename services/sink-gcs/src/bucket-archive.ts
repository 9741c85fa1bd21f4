import { addAbortSignal } from 'node:stream';

import type { Bucket } from '@google-cloud/storage';
import { ARCHIVE_NAME, type ArchiveFiles } from '@scoreline/files';
import { unlessAborted } from '@scoreline/service';

import { inOurTerms } from './gcs-errors.ts';

const YEAR = /^\d{4}\/$/;

/** The objects that ntppool/archiver has left in a bucket, in a folder for each year. */
export class BucketArchive implements ArchiveFiles {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    try {
      return await unlessAborted(this.#list(), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw inOurTerms(error, `listing the archiver’s objects in ${this.#bucket.name}`);
    }
  }

  async *read(name: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    try {
      const stream = this.#bucket.file(name).createReadStream();
      for await (const part of addAbortSignal(signal, stream)) yield part as Buffer;
    } catch (error) {
      signal.throwIfAborted();
      throw inOurTerms(error, `reading ${name} in ${this.#bucket.name}`);
    }
  }

  async #list(): Promise<readonly string[]> {
    const names: string[] = [];
    for (const year of await this.#years()) {
      const [files] = await this.#bucket.getFiles({ prefix: year, delimiter: '/' });
      for (const { name } of files)
        if (ARCHIVE_NAME.test(name.slice(year.length))) names.push(name);
    }
    return names;
  }

  async #years(): Promise<readonly string[]> {
    const years: string[] = [];
    let query: object | null = { delimiter: '/', autoPaginate: false };
    while (query !== null) {
      const answer = await this.#bucket.getFiles(query);
      const [, next, response] = answer as unknown as [
        unknown,
        object | null,
        { readonly prefixes?: readonly string[] } | undefined,
      ];
      years.push(...(response?.prefixes ?? []).filter((prefix) => YEAR.test(prefix)));
      query = next ?? null;
    }
    return years;
  }
}
