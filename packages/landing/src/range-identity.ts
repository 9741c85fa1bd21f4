/** What a range is called by, beside its content. */
export interface RangeName {
  readonly ledgerUuid: string;
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly schema: string;
}

/** The name of these records for ever, in whichever way their range came about. */
export function rangeIdentity(
  { ledgerUuid, topic, partition, first, last }: Omit<RangeName, 'schema'>,
  crc: number,
): string {
  return `${ledgerUuid}.${topic}.${partition}.${first}-${last}.${crc.toString(16).padStart(8, '0')}`;
}
