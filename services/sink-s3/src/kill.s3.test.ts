import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { killCase } from '@scoreline/files/testing';
import { needServer, uniqueName } from '@scoreline/testing';

import { s3Config } from './testing/s3-config.ts';

test('processes are killed with ranges pending, and every row is in one file of the bucket, as it was', async (t) => {
  const endpoint = needServer(t, 's3');
  if (endpoint === '') return;
  const config = s3Config(endpoint);
  const { s3_bucket, s3_region, s3_access_key_id = '', s3_secret_access_key = '' } = config;
  const s3_prefix = `${uniqueName('kill')}/`;
  const client = new S3Client({
    endpoint,
    region: s3_region,
    forcePathStyle: true,
    credentials: { accessKeyId: s3_access_key_id, secretAccessKey: s3_secret_access_key },
  });
  t.after(() => client.destroy());
  await killCase(t, {
    sink: 's3',
    main: fileURLToPath(new URL('./main.js', import.meta.url)),
    place: {
      s3_bucket,
      s3_prefix,
      s3_region,
      s3_endpoint: endpoint,
      s3_path_style: 'true',
      s3_access_key_id,
      s3_secret_access_key,
    },
    otherPlace: { s3_prefix: `${uniqueName('other')}/` },
    objects: (prefix) => objectsOf(client, s3_bucket, s3_prefix + prefix),
  });
});

async function objectsOf(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<ReadonlyMap<string, Buffer>> {
  const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  assert.notEqual(listed.IsTruncated, true);
  const objects = new Map<string, Buffer>();
  for (const { Key = '' } of listed.Contents ?? []) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    objects.set(Key, Buffer.from((await Body?.transformToByteArray()) ?? []));
  }
  return objects;
}
