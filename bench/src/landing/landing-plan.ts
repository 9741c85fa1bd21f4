import type { ServerName } from '@scoreline/local';

import { isLanding, type LandingWork, type Work } from '../measurement.ts';
import type { SinkName } from '../service.ts';

/** What a work lands, where, and how. */
export interface LandingPlan {
  readonly sink: SinkName;
  /** Of the backlog, unless the command line says otherwise. */
  readonly rows: number;
  readonly partitions: number;
  /** What our sink is told beside where to go. */
  readonly settings: Readonly<Record<string, string>>;
}

/** As capture makes the topic when it is told nothing. */
const PARTITIONS = 6;
const ROWS = 2_000_000;

/**
 * An archive waits for half a million rows or a day, which this backlog would have it do: ranges are
 * started as soon as they are worth a file, and what is left soon after.
 */
const SOON = { batch_avro_min_size: '100000', batch_avro_interval: '200ms' };

/** @param rows null for the work's own number. */
export function planOf(work: LandingWork, rows: number | null = null): LandingPlan {
  const common = { rows: rows ?? ROWS, partitions: PARTITIONS };
  const files = (sink: SinkName, avro_codec: string): LandingPlan => ({
    sink,
    ...common,
    settings: { ...SOON, avro_codec },
  });
  switch (work) {
    case 'landing-clickhouse':
      return { sink: 'clickhouse', ...common, settings: {} };
    case 'landing-file-null':
      return files('file', 'null');
    case 'landing-file-deflate':
      return files('file', 'deflate');
    case 'landing-gcs-null':
      return files('gcs', 'null');
    case 'landing-gcs-deflate':
      return files('gcs', 'deflate');
    case 'landing-s3-null':
      return files('s3', 'null');
    case 'landing-s3-deflate':
      return files('s3', 'deflate');
    case 'landing-bigquery':
      return {
        sink: 'bigquery',
        rows: rows ?? 1_000_000,
        partitions: PARTITIONS,
        settings: { batch_bq_interval: '1s' },
      };
    case 'landing-large':
      return oneRange(rows ?? 10_000_000);
    default:
      return work satisfies never;
  }
}

/** All rows in one partition, as one range: it starts when the last of them is there. */
function oneRange(rows: number): LandingPlan {
  const size = String(rows);
  return {
    sink: 'file',
    rows,
    partitions: 1,
    settings: { batch_avro_min_size: size, batch_avro_max_size: size, avro_codec: 'deflate' },
  };
}

/** Servers that only some works need, so that a run without these does without them. */
export function serversFor(works: readonly Work[]): ServerName[] {
  const sinks = new Set(works.filter(isLanding).map((work) => planOf(work).sink));
  return (['gcs', 's3', 'bigquery'] as const).filter((name) => sinks.has(name));
}
