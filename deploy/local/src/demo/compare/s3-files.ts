import { s3Request } from '../../s3-request.ts';
import type { AvroFiles } from './avro-side.ts';

export interface S3FilesOptions {
  /** The stack's environment: endpoint, keys, region. */
  readonly env: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly prefix: string;
  /** Names in one answer. */
  readonly pageNames?: number;
}

/** Objects of a bucket, by signed requests and without Amazon's client, which the sink has. */
export function s3Files({ env, bucket, prefix, pageNames = 1_000 }: S3FilesOptions): AvroFiles {
  const get = async (path: string, query: Readonly<Record<string, string>> = {}) => {
    const response = await s3Request(env, { method: 'GET', path: `/${bucket}${path}`, query });
    if (response.ok) return response;
    throw new Error(`S3 refused ${bucket}${path}: ${response.status} ${await response.text()}`);
  };
  return {
    async names() {
      const found: string[] = [];
      let token: string | undefined;
      do {
        const more = token === undefined ? {} : { 'continuation-token': token };
        const page = await (
          await get('', { 'list-type': '2', 'max-keys': String(pageNames), prefix, ...more })
        ).text();
        found.push(...valuesOf(page, 'Key'));
        [token] = valuesOf(page, 'NextContinuationToken');
      } while (token !== undefined);
      return found.filter((name) => name.endsWith('.avro'));
    },
    async read(name) {
      const path = name.split('/').map(encodeURIComponent).join('/');
      return new Uint8Array(await (await get(`/${path}`)).arrayBuffer());
    },
  };
}

/** Of every element of that name, its text; the sink's names have nothing that XML escapes. */
function valuesOf(xml: string, element: string): string[] {
  const matches = xml.matchAll(new RegExp(`<${element}>([^<]+)</${element}>`, 'g'));
  return [...matches].map(([, text = '']) => text);
}
