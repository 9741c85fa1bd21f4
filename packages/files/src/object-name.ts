import type { Range } from '@scoreline/landing';

/**
 * `log_scores-v1/dt=2026-01-31/p0003-00000000000000000017-00000000000000000942.avro`: sorts by offset,
 * and has the offsets of the whole range, so that no other cut of the records can have the same name.
 */
export function objectName(
  { topic, partition, first, last }: Pick<Range, 'topic' | 'partition' | 'first' | 'last'>,
  day: string,
): string {
  const number = String(partition).padStart(4, '0');
  return `${topic}/dt=${day}/p${number}-${offset(first)}-${offset(last)}.avro`;
}

function offset(value: bigint): string {
  return value.toString().padStart(20, '0');
}
