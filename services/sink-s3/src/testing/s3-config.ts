import type { StoreConfig } from '../store-settings.ts';

export function s3Config(endpoint: string, bucket = process.env['S3_BUCKET'] ?? ''): StoreConfig {
  return {
    s3_bucket: bucket,
    s3_prefix: '',
    s3_region: process.env['S3_REGION'] ?? 'us-east-1',
    s3_endpoint: endpoint,
    s3_path_style: true,
    s3_access_key_id: process.env['S3_ACCESS_KEY_ID'],
    s3_secret_access_key: process.env['S3_SECRET_ACCESS_KEY'],
    s3_content_type: 'avro/binary',
  };
}
