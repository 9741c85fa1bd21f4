import { randomUUID } from 'node:crypto';

import type { Bucket } from '@google-cloud/storage';
import { PermanentError } from '@scoreline/service';

import { inOurTerms, isAbsent, isThere } from './gcs-errors.ts';

/** Beside the folders of the topics, so that it does not count as rows. */
export const MARKER = '.scoreline-destination';

/**
 * What tells this bucket from one that is made again under its name: the uuid of a marker object. When
 * a bucket was created would tell it too, but whoever may create and read objects may seldom ask for
 * that, and a right that comes or goes must not change what offsets were committed for.
 */
export async function bucketIdentity(bucket: Bucket): Promise<string> {
  return (await readMarker(bucket)) ?? (await makeMarker(bucket));
}

async function readMarker(bucket: Bucket): Promise<string | null> {
  try {
    const [{ metadata }] = await bucket.file(MARKER).getMetadata();
    const uuid = metadata?.['uuid'];
    if (typeof uuid === 'string') return uuid;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw inOurTerms(error, `reading ${MARKER}`);
  }
  throw new PermanentError(`${MARKER} is there and names no destination`, {
    code: 'destination-unmarked',
    remedy:
      'An object of that name was put there by somebody else. Only an empty bucket may do without it: remove it there, use another bucket otherwise.',
  });
}

async function makeMarker(bucket: Bucket): Promise<string> {
  const uuid = randomUUID();
  try {
    await bucket.file(MARKER).save('', {
      resumable: false,
      validation: false,
      preconditionOpts: { ifGenerationMatch: 0 },
      metadata: { contentType: 'text/plain', metadata: { uuid } },
    });
    return uuid;
  } catch (error) {
    // Another sink was first, or an answer of ours was lost: what is there holds.
    const theirs = isThere(error) ? await readMarker(bucket) : null;
    if (theirs !== null) return theirs;
    throw inOurTerms(error, `creating ${MARKER}`);
  }
}
