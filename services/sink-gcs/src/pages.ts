import type { Bucket } from '@google-cloud/storage';
import { unlessAborted } from '@scoreline/service';

export interface ListedFile {
  readonly name: string;
  readonly metadata: {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly crc32c?: string;
  };
}

/** A part of a listing. */
export interface Page {
  readonly files: readonly ListedFile[];
  /** Of a question with a delimiter: the folders. */
  readonly prefixes: readonly string[];
}

export interface PagesQuery {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly maxResults?: number;
}

/** As the client answers, whose types know the first of these alone. */
type Answer = readonly [
  files: readonly ListedFile[],
  next: object | null | undefined,
  response: { readonly prefixes?: readonly string[] } | undefined,
];

/** A listing, page by page: by itself the client holds all of it in memory, and does not end when it is told to. */
export async function* pagesOf(
  bucket: Bucket,
  asked: PagesQuery,
  signal: AbortSignal,
): AsyncGenerator<Page, void> {
  let query: object | null = { ...asked, autoPaginate: false };
  while (query !== null) {
    const answer = await unlessAborted(bucket.getFiles(query), signal);
    const [files, next, response] = answer as unknown as Answer;
    yield { files, prefixes: response?.prefixes ?? [] };
    query = next ?? null;
  }
}
