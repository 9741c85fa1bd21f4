import type { Bench } from '../bench.ts';
import { identityIn } from '../clickhouse.ts';
import { missingServer, type OpenPlace, type Place } from './place.ts';

/** A place of its own in the bucket. ClickHouse reads it with its own client; it goes with the stack. */
export class S3Place implements Place {
  readonly #bench: Bench;
  readonly #name: string;

  constructor(bench: Bench, name: string) {
    this.#bench = bench;
    this.#name = name;
  }

  missing(): string | null {
    return missingServer(this.#bench.env, 'S3_ENDPOINT');
  }

  async open(round: number): Promise<OpenPlace> {
    const setting = (name: string): string => this.#bench.env[name] ?? '';
    const endpoint = setting('S3_ENDPOINT');
    const bucket = setting('S3_BUCKET');
    const keyId = setting('S3_ACCESS_KEY_ID');
    const secret = setting('S3_SECRET_ACCESS_KEY');
    const prefix = `${this.#name}-${round}/`;
    const files = `${endpoint}/${bucket}/${prefix}**.avro`;
    return {
      env: {
        s3_endpoint: endpoint,
        s3_path_style: 'true',
        s3_bucket: bucket,
        s3_prefix: prefix,
        s3_region: setting('S3_REGION'),
        s3_access_key_id: keyId,
        s3_secret_access_key: secret,
      },
      identity: () =>
        identityIn(this.#bench, `s3('${files}', '${keyId}', '${secret}', 'Avro', 'id Int64')`),
      close: async () => {},
    };
  }
}
