import { PermanentError } from '@scoreline/service';
import { z } from 'zod';

const sinkEvidence = z.strictObject({
  dest: z.string(),
  /** By topic and partition; null where it had none. */
  committed: z.record(z.string(), z.array(z.string().regex(/^\d+$/).nullable())),
  landed: z.unknown(),
});

const schema = z.strictObject({
  v: z.literal(1),
  kind: z.enum(['intent', 'done', 'resolved']),
  chunk: z.string().min(1),
  at: z.string(),
  by: z.string(),
  buckets: z.array(z.int().nonnegative()),
  ids: z.array(z.string().regex(/^\d+(-\d+)?$/)),
  rows: z.int().nonnegative(),
  digest: z.string(),
  sinks: z.record(z.string(), sinkEvidence),
  ms: z.number().exactOptional(),
  throttledMs: z.number().exactOptional(),
});

/**
 * What one chunk leaves behind: `intent` before it is deleted, `done` after, with the ids that are gone; or
 * `resolved`, by whoever finds an intent without an end, with those of its ids that the source does not hold.
 */
export type PurgeRecord = z.infer<typeof schema>;

export type SinkEvidence = z.infer<typeof sinkEvidence>;

export function encodePurgeRecord(record: PurgeRecord): Buffer {
  return Buffer.from(JSON.stringify(schema.parse(record)));
}

/** @throws PermanentError `purge-log-unknown` */
export function decodePurgeRecord(value: Buffer | null, where: string): PurgeRecord {
  try {
    return schema.parse(JSON.parse(value?.toString() ?? ''));
  } catch (cause) {
    throw new PermanentError(`the purge log's record at ${where} is not understood`, {
      code: 'purge-log-unknown',
      remedy:
        'It was written by a newer release, or by something else. Start that release again; delete nothing.',
      cause,
    });
  }
}
