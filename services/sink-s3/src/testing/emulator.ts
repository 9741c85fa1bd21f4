import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { s3Config } from './s3-config.ts';

/** The bucket of the stack as its administrator sees it. */
export interface TestBucket {
  /** Settings of a sink that lands here, below `prefix`. */
  readonly env: Readonly<Record<string, string>>;
  /** Every object whose name begins so, with its bytes. */
  objects(prefix: string): Promise<ReadonlyMap<string, Buffer>>;
  put(name: string, bytes: Buffer): Promise<void>;
  remove(prefix: string): Promise<void>;
}

export function testBucket(t: TestContext, endpoint: string, s3_prefix: string): TestBucket {
  const config = s3Config(endpoint);
  const { s3_bucket, s3_region, s3_access_key_id = '', s3_secret_access_key = '' } = config;
  const client = new S3Client({
    endpoint,
    region: s3_region,
    forcePathStyle: true,
    credentials: { accessKeyId: s3_access_key_id, secretAccessKey: s3_secret_access_key },
  });
  t.after(() => client.destroy());
  const names = async (prefix: string) => {
    const command = new ListObjectsV2Command({ Bucket: s3_bucket, Prefix: s3_prefix + prefix });
    const listed = await client.send(command);
    assert.notEqual(listed.IsTruncated, true);
    return (listed.Contents ?? []).map(({ Key = '' }) => Key);
  };
  return {
    env: {
      s3_bucket,
      s3_prefix,
      s3_region,
      s3_endpoint: endpoint,
      s3_path_style: 'true',
      s3_access_key_id,
      s3_secret_access_key,
    },
    async objects(prefix) {
      const objects = new Map<string, Buffer>();
      for (const Key of await names(prefix)) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: s3_bucket, Key }));
        objects.set(
          Key.slice(s3_prefix.length),
          Buffer.from((await Body?.transformToByteArray()) ?? []),
        );
      }
      return objects;
    },
    async put(name, Body) {
      await client.send(new PutObjectCommand({ Bucket: s3_bucket, Key: s3_prefix + name, Body }));
    },
    async remove(prefix) {
      for (const Key of await names(prefix))
        await client.send(new DeleteObjectCommand({ Bucket: s3_bucket, Key }));
    },
  };
}
