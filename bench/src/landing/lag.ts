/** Where a partition begins and ends, as Kafka tells it. */
export interface End {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

/** `offset` is -1 where nothing was committed. */
export interface Committed {
  readonly partition: number;
  readonly offset: string;
}

/** Records between what is committed and the end, transaction markers included. */
export function lagOf(ends: readonly End[], committed: readonly Committed[]): number {
  const offsets = new Map(committed.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends.reduce((lag, { partition, low, high }) => {
    const from = Math.max(Number(low), offsets.get(partition) ?? -1);
    if (from > Number(high))
      throw new Error(`partition ${partition} is committed to ${from}, beyond its end ${high}`);
    return lag + Number(high) - from;
  }, 0);
}
