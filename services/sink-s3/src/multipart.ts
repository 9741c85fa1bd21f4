import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type NewObject, objectBytes, withChecksum } from '@scoreline/files';
import { crc32c } from '@scoreline/kafka';

import {
  type Bytes,
  bytesOf,
  type Checksum,
  confirm,
  confirmWhole,
  sentChecksum,
} from './checksum.ts';

/** Every part but the last has this size. 10,000 parts make 80 GiB. */
export const PART_BYTES = 8 * 2 ** 20;

const ABORT_MS = 10_000;

export interface Target {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly checksum: Checksum;
}

/**
 * Creates an object in parts, which are seen together or not at all; whether there is one of its name is
 * asked when they are put together. What a killed process leaves of them is nobody's: a lifecycle rule
 * of the bucket removes it.
 */
export async function createInParts(
  { client, bucket, key, contentType, checksum }: Target,
  object: NewObject,
  signal: AbortSignal,
): Promise<void> {
  const options = { abortSignal: signal };
  const isCrc = checksum === 'crc32c';
  const of = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...of,
      ContentType: contentType,
      Metadata: withChecksum(object),
      ...(isCrc ? { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } : {}),
    }),
    options,
  );
  try {
    const parts: (Bytes & { readonly ETag: string | undefined })[] = [];
    for await (const piece of objectBytes(object, PART_BYTES, signal)) {
      const bytes = bytesOf(piece, crc32c(piece));
      const PartNumber = parts.length + 1;
      const answer = await client.send(
        new UploadPartCommand({
          ...of,
          UploadId,
          PartNumber,
          Body: piece,
          ContentLength: piece.length,
          ...sentChecksum(checksum, bytes),
        }),
        options,
      );
      confirm(checksum, bytes, answer, `part ${PartNumber} of ${key}`);
      parts.push({ ...bytes, ETag: answer.ETag });
    }
    const answer = await client.send(
      new CompleteMultipartUploadCommand({
        ...of,
        UploadId,
        IfNoneMatch: '*',
        MpuObjectSize: object.size,
        MultipartUpload: {
          Parts: parts.map((part, index) => ({
            PartNumber: index + 1,
            ETag: part.ETag,
            ...(isCrc ? sentChecksum(checksum, part) : {}),
          })),
        },
        ...(isCrc
          ? {
              ...sentChecksum(checksum, { crc: object.crc32c, md5: NONE }),
              ChecksumType: 'FULL_OBJECT',
            }
          : {}),
      }),
      options,
    );
    // The answer to the first of two was lost, and the second found nothing to do: it has no checksum.
    const shown =
      isCrc && answer.ChecksumCRC32C === undefined
        ? await client.send(new HeadObjectCommand({ ...of, ChecksumMode: 'ENABLED' }), options)
        : answer;
    confirmWhole(checksum, { crc: object.crc32c, parts }, shown, `creating ${key}`);
  } catch (error) {
    await abort(client, { ...of, UploadId });
    throw error;
  }
}

const NONE = Buffer.alloc(0);

/** So that nobody pays for parts that nobody puts together. Of an upload that was completed it is refused. */
async function abort(
  client: S3Client,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload), {
      abortSignal: AbortSignal.timeout(ABORT_MS),
    });
  } catch {
    // The lifecycle rule does it; the error that led here is the one to be told.
  }
}
