import { PermanentError } from '@scoreline/service';
import { z } from 'zod';

import type { RangeFacts } from './range.ts';

/**
 * What a group's commit says beside its offset, so that whoever takes the partition over, or asks
 * whether rows have landed, needs nothing else.
 */
export interface CommitMetadata {
  /** First offset of the unbroken run that this group has landed, up to the committed offset. */
  readonly since: bigint;
  /** The destination's fingerprint. */
  readonly dest: string;
  /** Last offset of every range that may have been started and has not landed, in order. */
  readonly pending: readonly bigint[];
  /** The last range that landed; null before the first. */
  readonly landed: Landed | null;
  /** Records below the committed offset that have not landed. Whoever deletes rows must wait for an operator. */
  readonly quarantined?: Quarantined;
  /**
   * Rows with ids up to this one may have been at the destination before the group began, written by
   * somebody else. Absent where none were.
   */
  readonly heldUpTo?: number;
}

/** Records that were put aside, and that no operator has released. */
export interface Quarantined {
  readonly count: number;
  /** Offsets of the first and the last one. */
  readonly first: bigint;
  readonly last: bigint;
}

export interface Landed extends RangeFacts {
  /** When, milliseconds since the epoch. */
  readonly at: number;
}

/** What brokers accept by default (`offset.metadata.max.bytes`). */
export const METADATA_MAX_BYTES = 4096;

/**
 * Versions differ in what a reader must know of: one that does not know of quarantined records must stop,
 * and so must one that would land a second time what the destination has from before.
 */
const UNBROKEN = 1;
const QUARANTINED = 2;
const BESIDE_OTHERS = 3;
/** So many pending ranges fit, beside a fingerprint of 512 bytes, whatever the offsets are. */
export const MAX_IN_FLIGHT = 64;

const offset = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);
const count = z.int().nonnegative();

const unbroken = z.strictObject({
  v: z.literal(UNBROKEN),
  since: offset,
  dest: z.string().min(1),
  pending: z.array(offset),
  landed: z
    .strictObject({
      first: offset,
      last: offset,
      rows: count,
      minId: z.int(),
      maxId: z.int(),
      minTs: z.int(),
      maxTs: z.int(),
      crc: count,
      at: count,
    })
    .nullable(),
});
const quarantine = z.strictObject({ count: z.int().positive(), first: offset, last: offset });
const schema = z.discriminatedUnion('v', [
  unbroken,
  unbroken.extend({ v: z.literal(QUARANTINED), quarantined: quarantine }),
  unbroken.extend({
    v: z.literal(BESIDE_OTHERS),
    quarantined: quarantine.exactOptional(),
    heldUpTo: count,
  }),
]);

/** Compact JSON; offsets are text, as Kafka's own tools and 64 bits want them. */
export function formatCommitMetadata(metadata: CommitMetadata): string {
  const { since, dest, pending, landed, quarantined, heldUpTo } = metadata;
  const text = JSON.stringify(
    { v: versionOf(metadata), since, dest, pending, landed, quarantined, heldUpTo },
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  );
  if (Buffer.byteLength(text) > METADATA_MAX_BYTES) {
    throw new PermanentError(
      `a commit's metadata would be ${Buffer.byteLength(text)} bytes, and brokers take ${METADATA_MAX_BYTES}`,
      { code: 'commit-metadata-too-large', remedy: 'Let fewer ranges be pending at a time.' },
    );
  }
  return text;
}

function versionOf({ quarantined, heldUpTo }: CommitMetadata): number {
  if (heldUpTo !== undefined) return BESIDE_OTHERS;
  return quarantined === undefined ? UNBROKEN : QUARANTINED;
}

/**
 * Strict: a field too many or too few is another version's, whose meaning is not known here.
 *
 * @param where the partition and group, for the error: `log_scores-v1[3] of group sink-x.log_scores-v1`
 */
export function parseCommitMetadata(text: string, where: string): CommitMetadata {
  const { v: _version, ...metadata } = parse(text, where);
  let before = -1n;
  for (const last of metadata.pending) {
    if (last <= before) throw unreadable(text, where, 'pending ranges are not in order');
    before = last;
  }
  return metadata;
}

function parse(text: string, where: string): z.infer<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw unreadable(text, where, 'it is not JSON', error);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw unreadable(text, where, z.prettifyError(parsed.error));
  return parsed.data;
}

function unreadable(text: string, where: string, why: string, cause?: unknown): PermanentError {
  return new PermanentError(
    `the commit of ${where} carries metadata that this version does not understand (${why}): ${text}`,
    {
      code: 'commit-metadata-unknown',
      remedy:
        'Run the version of the sink that wrote it, or see docs/6-troubleshooting.md before resetting its offsets.',
      cause,
    },
  );
}
