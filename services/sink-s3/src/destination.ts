import { randomUUID } from 'node:crypto';

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { crc32cBase64 } from '@scoreline/files';
import { crc32c } from '@scoreline/kafka';
import { ConfigError, PermanentError } from '@scoreline/service';

import type { Checksum } from './checksum.ts';
import { isAbsent, isConflict, isThere } from './s3-errors.ts';

/** Beside the folders of the topics, so that it does not count as rows. */
const MARKER = '.scoreline-destination';

const BODY =
  'Scoreline knows this place again by the uuid in the metadata of this object. Keep it.\n';

export interface Place {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
}

export interface FoundPlace {
  readonly uuid: string;
  readonly checksum: Checksum;
}

/**
 * S3 says nothing of when a bucket was made, so a marker object tells it from one that is made again
 * under its name. The same object shows at every start that the store keeps what it has: a second
 * creation must be refused, in one request and in parts. Stores that do not know `If-None-Match` pass
 * over it and replace the object, here by itself.
 */
export async function findPlace(place: Place, signal: AbortSignal): Promise<FoundPlace> {
  const marker = (await readMarker(place, signal)) ?? (await makeMarker(place, signal));
  await mustRefuse('PutObject', () => putMarker(place, marker.uuid, signal));
  await mustRefuse('CompleteMultipartUpload', () => putMarkerInParts(place, marker.uuid, signal));
  if (marker.checksum === 'md5' || (await keepsChecksumOfWhole(place, signal))) return marker;
  return { ...marker, checksum: 'md5' };
}

/**
 * Of an object in parts. Stores that know checksums of the parts only, as all did until 2025, pass over what
 * is asked for, and then refuse the whole, or say another checksum of it.
 */
async function keepsChecksumOfWhole(
  { client, bucket, prefix }: Place,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const of = { Bucket: bucket, Key: prefix + MARKER };
  const { UploadId, ChecksumType } = await client.send(
    new CreateMultipartUploadCommand({
      ...of,
      ChecksumAlgorithm: 'CRC32C',
      ChecksumType: 'FULL_OBJECT',
    }),
    { abortSignal },
  );
  await abandon(client, { ...of, UploadId }, abortSignal);
  return ChecksumType === 'FULL_OBJECT';
}

async function readMarker(
  { client, bucket, prefix }: Place,
  abortSignal: AbortSignal,
): Promise<FoundPlace | null> {
  const key = prefix + MARKER;
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
  let found;
  try {
    found = await client.send(command, { abortSignal });
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  const uuid = found.Metadata?.['uuid'];
  if (uuid === undefined) {
    throw new PermanentError(`${key} is there and names no destination`, {
      code: 'destination-unmarked',
      remedy:
        'An object of that name was put there by somebody else. Only an empty bucket may do without it: remove it there, use another bucket or s3_prefix otherwise.',
    });
  }
  return { uuid, checksum: found.ChecksumCRC32C === undefined ? 'md5' : 'crc32c' };
}

async function makeMarker(place: Place, signal: AbortSignal): Promise<FoundPlace> {
  try {
    await putMarker(place, randomUUID(), signal);
  } catch (error) {
    // Another sink was first, or an answer of ours was lost: what is there holds.
    if (!isThere(error)) throw error;
  }
  const marker = await readMarker(place, signal);
  if (marker !== null) return marker;
  throw new PermanentError(`${place.prefix}${MARKER} was created and is not there`, {
    code: 'object-vanished',
    remedy: 'The store is not consistent, or somebody deletes objects there. Nothing was landed.',
  });
}

async function putMarker(
  { client, bucket, prefix }: Place,
  uuid: string,
  abortSignal: AbortSignal,
): Promise<void> {
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: prefix + MARKER,
      Body: BODY,
      ContentType: 'text/plain',
      Metadata: { uuid },
      IfNoneMatch: '*',
      ChecksumCRC32C: crc32cBase64(crc32c(Buffer.from(BODY))),
    }),
    { abortSignal },
  );
}

async function putMarkerInParts(
  { client, bucket, prefix }: Place,
  uuid: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const of = { Bucket: bucket, Key: prefix + MARKER };
  const options = { abortSignal };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...of, ContentType: 'text/plain', Metadata: { uuid } }),
    options,
  );
  const upload = { ...of, UploadId };
  try {
    const { ETag } = await client.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: BODY }),
      options,
    );
    await client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        IfNoneMatch: '*',
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
      options,
    );
  } catch (error) {
    await abandon(client, upload, abortSignal);
    throw error;
  }
}

/** Its right to is asked for here: without it parts would pile up. */
async function abandon(
  client: S3Client,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload), { abortSignal });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

async function mustRefuse(request: string, create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (isThere(error) || isConflict(error)) return;
    throw error;
  }
  throw new ConfigError(
    `s3_bucket: the store passes over If-None-Match of ${request}: it would replace files that have landed`,
    {
      code: 'conditional-writes-unsupported',
      remedy:
        'Use a store that has conditional writes (Amazon S3 has; many others since their releases of 2024 and 2025), or sink-file.',
    },
  );
}
