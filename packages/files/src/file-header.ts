import { containerHeader, readContainerHeader } from '@scoreline/schema';

import { type FilePlan, metadataOf } from './metadata.ts';
import type { ObjectMetadata } from './object-store.ts';

const PREFIX = 'scoreline.';
const FILL = `${PREFIX}fill`;

/** Enough of a file's beginning to read its header. */
export const HEADER_BYTES_MAX = 65_536;

/** As wide as a number can be written. */
const WIDEST = Number.MAX_SAFE_INTEGER;

/**
 * Of a file whose header is written last: how many bytes are left for it, whatever its rows turn out
 * to be. The header has the file's metadata, so that the file says by itself what it is.
 */
export function headerLength(plan: FilePlan, sync: Uint8Array): number {
  const widest = { rows: WIDEST, minId: WIDEST, maxId: WIDEST, crc: 0, size: WIDEST };
  return header(plan, sync, metadataOf(plan, widest), 0).length;
}

/** The header, spaces filling what is left of `length`. */
export function fileHeader(
  plan: FilePlan,
  sync: Uint8Array,
  metadata: ObjectMetadata,
  length: number,
): Buffer {
  const fill = length - header(plan, sync, metadata, 0).length;
  const filled = header(plan, sync, metadata, fill);
  if (filled.length !== length) throw new RangeError(`a header of ${length} bytes is impossible`);
  return filled;
}

/** The metadata in the header that `bytes` begin with; empty when it is no file of ours. */
export function headerMetadata(bytes: Buffer): ObjectMetadata {
  const entries = Object.entries(readContainerHeader(bytes) ?? {});
  return Object.fromEntries(
    entries
      .filter(([key]) => key.startsWith(PREFIX) && key !== FILL)
      .map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
}

function header(
  { range, codec }: FilePlan,
  sync: Uint8Array,
  metadata: ObjectMetadata,
  fill: number,
): Buffer {
  const ours = Object.entries(metadata).map(([key, value]) => [PREFIX + key, value]);
  return containerHeader(range.schema, sync, {
    codec,
    metadata: { ...Object.fromEntries(ours), [FILL]: ' '.repeat(fill) },
  });
}
