import type { StoreConfig } from '../store-settings.ts';

export function gcsConfig(endpoint: string, bucket: string): StoreConfig {
  return {
    gc_bucket: bucket,
    gc_project: 'ntppool',
    gc_content_type: 'avro/binary',
    gc_cache_control: 'public, max-age=157248000',
    gc_api_endpoint: endpoint,
    google_application_credentials: undefined,
  };
}
