import { addAbortSignal } from 'node:stream';

import type { Bucket } from '@google-cloud/storage';
import { ARCHIVE_NAME, type ArchiveFiles } from '@scoreline/files';

import { inOurTerms } from './gcs-errors.ts';
import { pagesOf } from './pages.ts';

const YEAR = /^\d{4}\/$/;

/** The objects that ntppool/archiver has left in a bucket, in a folder for each year. */
export class BucketArchive implements ArchiveFiles {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    try {
      return await this.#list(signal);
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

  async #list(signal: AbortSignal): Promise<readonly string[]> {
    const names: string[] = [];
    for (const year of await this.#years(signal)) {
      const asked = { prefix: year, delimiter: '/' };
      for await (const { files } of pagesOf(this.#bucket, asked, signal)) {
        for (const { name } of files)
          if (ARCHIVE_NAME.test(name.slice(year.length))) names.push(name);
      }
    }
    return names;
  }

  async #years(signal: AbortSignal): Promise<readonly string[]> {
    const years: string[] = [];
    for await (const { prefixes } of pagesOf(this.#bucket, { delimiter: '/' }, signal))
      years.push(...prefixes.filter((prefix) => YEAR.test(prefix)));
    return years;
  }
}
