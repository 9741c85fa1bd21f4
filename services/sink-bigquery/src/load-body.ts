import { createHash, randomUUID } from 'node:crypto';

import type { Range } from '@scoreline/landing';
import { containerBlock, containerHeader, SYNC_BYTES } from '@scoreline/schema';

import { withPairs } from './pairs-schema.ts';

export interface LoadBody {
  readonly contentType: string;
  readonly parts: AsyncIterable<Buffer>;
}

/**
 * The body of a load job's request: what to do as JSON, then the rows as an Avro object container.
 * Made while it is sent, so that of a range only a piece at a time is in memory.
 */
export function loadBody(job: unknown, range: Range): LoadBody {
  const boundary = `scoreline-${randomUUID()}`;
  return {
    contentType: `multipart/related; boundary=${boundary}`,
    parts: parts(job, range, boundary),
  };
}

async function* parts(job: unknown, range: Range, boundary: string): AsyncGenerator<Buffer> {
  yield Buffer.from(
    `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(job)}\r\n` +
      `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  yield* container(range);
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/** The range as an Avro object container, a block for each chunk. */
export async function* container(range: Range): AsyncGenerator<Buffer> {
  const sync = createHash('sha256').update(range.identity).digest().subarray(0, SYNC_BYTES);
  yield containerHeader(withPairs(range.schema), sync);
  for await (const { rows, datums } of range.chunks()) {
    // Copied: a chunk ends when the next one is asked for, and the socket may not have taken it then.
    yield Buffer.concat(containerBlock(rows, datums, sync));
  }
}
