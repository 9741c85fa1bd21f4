import path from 'node:path';

import { type LandingConfig, type RangeLimits, spoolFolder } from '@scoreline/landing';
import { choice, duration, integer, withFacts } from '@scoreline/service';
import type { z } from 'zod';

import { CODECS } from './codec.ts';

/** What every sink of files is told, under the archiver's names: spread into its settings. */
export const fileSettings = {
  batch_avro_min_size: withFacts(integer(500_000, { min: 1 }), { newlyEffective: true }).describe(
    'Fewer rows of a partition wait for more, but never longer than batch_avro_interval.',
  ),
  batch_avro_max_size: withFacts(integer(10_000_000, { min: 1, max: 100_000_000 }), {
    newlyEffective: true,
  }).describe('Rows of a partition that are landed together at most, in a file for each day.'),
  batch_avro_interval: duration('24h').describe(
    'How long rows may wait for batch_avro_min_size to be reached.',
  ),
  batch_avro_append_size: withFacts(integer(50_000, { min: 1, max: 10_000_000 }), {
    newlyEffective: true,
  }).describe('Rows of one Avro block at most; it is ended also at 8 MB.'),
  avro_codec: choice(CODECS, 'deflate').describe(
    'How the blocks of a file are compressed. `zstandard` needs a Node that has it (22.15 or later).',
  ),
};

export type FileConfig = Readonly<z.infer<z.ZodObject<typeof fileSettings>>>;

/** Where sinks that send their files elsewhere make them: beside the ranges that wait. */
export function workFolder(config: Pick<LandingConfig, 'spool_dir'>): string {
  return path.join(spoolFolder(config), 'scoreline');
}

export function fileLimits(config: FileConfig): RangeLimits {
  return {
    rows: config.batch_avro_max_size,
    bytes: Number.POSITIVE_INFINITY,
    minRows: config.batch_avro_min_size,
    ageMs: config.batch_avro_interval,
    spacingMs: 0,
  };
}
