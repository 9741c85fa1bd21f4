/** What stands between a row and its deletion. */
export interface Reason {
  /** `wait`: it passes by itself, as archives catch up. `refuse`: somebody must look. */
  readonly kind: 'wait' | 'refuse';
  /** Stable, kebab-case: what alerts, metrics and the troubleshooting page name. */
  readonly code: string;
  /** A sentence, with what was seen and where. */
  readonly message: string;
  readonly at?: Place;
  /** The offset that must be reached, and the one that is committed; null when there is none. */
  readonly needed?: bigint;
  readonly held?: bigint | null;
}

export interface Place {
  readonly sink: string;
  readonly topic?: string;
  readonly partition?: number;
}

/** As logs and errors name a place: `sink clickhouse, log_scores-v1[3]`. */
export function nameOf({ sink, topic, partition }: Place): string {
  if (topic === undefined) return `sink ${sink}`;
  return `sink ${sink}, ${topic}${partition === undefined ? '' : `[${partition}]`}`;
}
