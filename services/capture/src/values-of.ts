import { DatumWalker, type TopicVersion } from '@scoreline/schema';

/**
 * A datum without the fields at its end that are NULL and were added since version 1: the same bytes for
 * the same row, whichever of the versions that can hold it has made them.
 */
export function valuesOf(datum: Buffer, version: TopicVersion): Buffer {
  const walker = new DatumWalker(version);
  walker.walk(datum, 0, datum.length);
  return datum.subarray(0, walker.valuesEnd);
}
